"""HTML that is escaped by construction: text is text, tags come only from `h`, addresses only of harmless schemes."""

import re
from collections.abc import Iterable
from html import escape

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "path", "circle", "rect"})
_SAFE_LINK = re.compile(r"(?:/(?![/\\])|#|\?|https?://|mailto:)", re.IGNORECASE)
_SAFE_IMAGE = re.compile(r"(?:/(?![/\\])|data:image/(?:svg\+xml|png|jpeg|gif|webp)[;,])", re.IGNORECASE)


class Markup(str):
    """HTML made by this module; never made from data by any other."""

    __slots__ = ()


Child = str | int | float | None | Iterable["Child"]
Attribute = str | int | float | bool | None


def h(tag: str, *children: Child, **attributes: Attribute) -> Markup:
    """An element.

    Children that are `Markup` stay as they are, other text is escaped, None is nothing, iterables are flattened.
    Attributes: a trailing underscore is dropped (`class_`), inner ones become hyphens; True is a bare attribute, False
    and None are none. `href` and `src` that could run a program or leave for another scheme are dropped.
    """
    shown = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in _VOID:
        return Markup(f"<{tag}{shown}>")
    return Markup(f"<{tag}{shown}>{join(children)}</{tag}>")


def join(children: Iterable[Child]) -> Markup:
    """Children one after another, escaped where they are plain text."""
    return Markup("".join(_child(child) for child in children))


def _child(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return escape(child)
    if isinstance(child, int | float):
        return str(child)
    return join(child)


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    plain = name.rstrip("_").replace("_", "-")
    if value is True:
        return f" {plain}"
    text = str(value)
    if plain in ("href", "action") and not _SAFE_LINK.match(text):
        return ""
    if plain == "src" and not _SAFE_IMAGE.match(text):
        return ""
    return f' {plain}="{escape(text)}"'


def safe_image(address: str) -> bool:
    """Whether a picture may be shown: a drawn or encoded one that needs no request to anybody."""
    return address.startswith("data:") and _SAFE_IMAGE.match(address) is not None
