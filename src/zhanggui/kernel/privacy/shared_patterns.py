"""Personal data that look the same in every language: e-mail, internet addresses, bank accounts. Pure."""

import re
from collections.abc import Iterator

from zhanggui.kernel.privacy.checksums import iban, iban_shape

Found = tuple[int, int, int, str]

_EMAIL = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._%+'-]{0,62}[A-Za-z0-9_])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}[A-Za-z]{2,18}"
)
_EMAIL_WIDE = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_IPV4 = re.compile(
    r"(?<![0-9.])(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(?:\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})){3}(?![0-9]|\.[0-9])"
)
_IPV6 = re.compile(r"(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6}(?![0-9A-Za-z:])")
_VERSION = re.compile(r"(?:[vV]|version|版本号?)[\s.：:]*$")
_URL_USER = re.compile(r"[a-z][a-z0-9+.-]{1,15}://[^\s/@:]{1,64}(?::[^\s/@]{0,64})?@[^\s，。]+")
_WITH_AT = ((_URL_USER, 9, "DOMAIN_NAME"), (_EMAIL, 9, "EMAIL_ADDRESS"), (_EMAIL_WIDE, 3, "EMAIL_ADDRESS"))
_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}[0-9]{2}(?: ?[0-9A-Za-z]){11,30}(?![0-9A-Za-z])")


def shared(text: str) -> Iterator[Found]:
    """Candidates in one folded text; may overlap."""
    if "@" in text:
        for pattern, rank, kind in _WITH_AT:
            for match in pattern.finditer(text):
                yield rank, match.start(), match.end(), kind
    yield from _addresses(text)
    yield from ibans(text)


def _addresses(text: str) -> Iterator[Found]:
    if text.count(".") >= 3:
        for match in _IPV4.finditer(text):
            if not _VERSION.search(text[max(0, match.start() - 10) : match.start()]):
                yield 8, match.start(), match.end(), "IP_ADDRESS"
    if text.count(":") >= 3:
        for match in _IPV6.finditer(text):
            if _is_ipv6(match.group()):
                yield 8, match.start(), match.end(), "IP_ADDRESS"


def ibans(text: str) -> Iterator[Found]:
    """Bank accounts: a valid check number wins over everything; a wrong one still counts when the shape is exact."""
    for match in _IBAN.finditer(text):
        words = match.group().split(" ")
        for last in range(len(words), 0, -1):
            compact = "".join(words[:last])
            if iban_shape(compact):
                yield 9 if iban(compact) else 7, match.start(), match.start() + len(" ".join(words[:last])), "IBAN_CODE"
                break


def _is_ipv6(text: str) -> bool:
    groups = text.split(":")
    return (
        text.count("::") <= 1
        and (len(groups) == 8 or ("::" in text and len(groups) <= 8))
        and any(letter.isdigit() for letter in text)
    )
