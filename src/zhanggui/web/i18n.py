"""Strings for people, from message catalogues in zh and en; a missing key is a programmer's error."""

import json
from functools import cache
from importlib.resources import files

from zhanggui.kernel.errors import ProgrammerError
from zhanggui.kernel.types import Locale

_FOLDERS: dict[Locale, str] = {"zh-CN": "zh", "en": "en"}


@cache
def messages(locale: Locale) -> dict[str, str]:
    """Every message of a language by its key, all areas together."""
    folder = files("zhanggui.web") / "locales" / _FOLDERS[locale]
    found: dict[str, str] = {}
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".json"):
            found |= json.loads(entry.read_text(encoding="utf-8"))
    return found


def text(locale: Locale, key: str, **values: object) -> str:
    """The message with its values filled in.

    Raises:
        ProgrammerError: no such key in this language.
    """
    try:
        return messages(locale)[key].format(**values)
    except KeyError as missing:
        raise ProgrammerError(f"message {key!r} in {locale}: {missing} is missing") from missing


def text_or_key(locale: Locale, key: str, fallback: str) -> str:
    """The message, or `fallback` where there is none: for names that come from data (states, kinds, actions)."""
    return messages(locale).get(key, fallback)


def proposal_title(locale: Locale, kind: str, title: str) -> str:
    """A proposal title with our words by their names: `#1001: refund`, `#1001: stuck - refund`; `#1001：退款`, ...

    Any other title stays as it is.
    """
    head, between, tail = title.rpartition(": ")
    cause, _, word = tail.rpartition(" - ")
    if not head or word != kind:
        return title
    told = text_or_key(locale, f"kind.{kind}", kind)
    told = f"{text_or_key(locale, f'exception.{cause}', cause)} – {told}" if cause else told
    return f"{head}{'：' if locale == 'zh-CN' else between}{told}"
