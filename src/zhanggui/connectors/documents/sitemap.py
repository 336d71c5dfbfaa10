"""A site saved to a folder with its sitemap: which saved file is which address. Pure."""

import html
import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

_LOCATION = re.compile(r"<loc>\s*(?:<!\[CDATA\[)?\s*(.{1,2000}?)\s*(?:\]\]>)?\s*</loc>", re.DOTALL | re.IGNORECASE)
_ENDING = re.compile(r"(?:/?index)?\.x?html?$|/index$|/$", re.IGNORECASE)


def addresses_of(sitemap: str) -> tuple[str, ...]:
    """The addresses that a sitemap lists, each once; read by pattern, so that no XML trick is ever expanded."""
    found = (html.unescape(one) for one in _LOCATION.findall(sitemap))
    return tuple(dict.fromkeys(one for one in found if one.startswith(("http://", "https://"))))


def pages_of(names: Iterable[str], addresses: Iterable[str]) -> dict[str, str]:
    """Address of each saved file that the sitemap lists: `site/help/returns.html` is `https://shop.cn/help/returns`."""
    known: dict[str, str] = {}
    for address in addresses:
        parts = urlsplit(address)
        known.setdefault(_bare(unquote(parts.path)), address)
        known.setdefault(_bare(f"{parts.netloc}{unquote(parts.path)}"), address)
    found: dict[str, str] = {}
    for name in names:
        parts = _bare(name).split("/")
        tails = ("/".join(parts[at:]) for at in range(len(parts)))
        address = next((known[tail] for tail in tails if tail in known), None)
        if address is not None:
            found[name] = address
    return found


def _bare(path: str) -> str:
    return _ENDING.sub("", path).strip("/").casefold()
