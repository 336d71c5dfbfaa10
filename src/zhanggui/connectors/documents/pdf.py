"""PDF to text, by pypdf: the only file that knows the library."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

from pypdf import PasswordType, PdfReader

from zhanggui.kernel.errors import BadInput

_MOST_PAGES = 2_000
_MOST_CHARACTERS = 20_000_000
_SECONDS = 120.0
_END = re.compile(r"[。！？!?.；;:：…”\"'）)]\s*$")
_BULLET = re.compile(r"^\s*(?:[-•·*▪◦]|\(?\d{1,3}[.)、）]|[一二三四五六七八九十]{1,3}、)")
_HAN_END = re.compile(r"[\u3400-\u9fff，、]$")
_HEADING = 60  # a line of its own that is shorter, and ends no sentence, heads what follows


def pdf_text(path: Path, name: str) -> str:
    """The text of a PDF as Markdown: lines joined to paragraphs, short lines of their own as headings.

    Raises:
        BadInput: it is no PDF, broken, locked by a password, holds pictures only, or is too large to be read.
    """
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
            raise BadInput(field="file", expected="a PDF without a password", found=f"{name} is locked")
        text = "\n\n".join(_markdown(page) for page in _pages(reader))
    except BadInput:
        raise
    except Exception as broken:
        # The library raises whatever a broken file makes it stumble over, KeyError and RecursionError too.
        raise BadInput(field="file", expected="a whole PDF", found=f"{type(broken).__name__}: {broken}") from broken
    if not text.strip():
        raise BadInput(field="file", expected="a PDF with text in it (not pictures of text)", found="no text")
    return text


def _pages(reader: PdfReader) -> Iterator[str]:
    count = len(reader.pages)
    if count > _MOST_PAGES:
        raise BadInput(field="file", expected=f"at most {_MOST_PAGES} pages", found=f"{count} pages")
    began, characters = time.monotonic(), 0
    for number in range(count):
        text = reader.pages[number].extract_text().replace("\x00", "")
        characters += len(text)
        if characters > _MOST_CHARACTERS or time.monotonic() - began > _SECONDS:
            raise BadInput(field="file", expected="a PDF that can be read in two minutes", found=f"page {number + 1}")
        yield text


def _markdown(page: str) -> str:
    """One page: what a line break cut is joined again."""
    lines = [line.strip() for line in page.splitlines()]
    widest = max((len(line) for line in lines), default=0)
    parts: list[str] = []
    open_part = ""
    for at, line in enumerate(lines):
        if not line:
            parts, open_part = [*parts, open_part], ""
            continue
        following = next((one for one in lines[at + 1 :] if one), "")
        if not open_part and _heads(line, following, widest):
            parts.append(f"## {line}")
            continue
        if open_part and not _BULLET.match(line):
            open_part = _joined(open_part, line)
        else:
            open_part = f"{open_part}\n{line}".strip()
        if _END.search(line) and len(line) < 0.75 * widest:
            parts, open_part = [*parts, open_part], ""
    return "\n\n".join(part for part in [*parts, open_part] if part)


def _heads(line: str, following: str, widest: int) -> bool:
    if not following or len(line) > min(_HEADING, 0.9 * widest) or _BULLET.match(line) or line.startswith("#"):
        return False
    return line.endswith(("?", "？")) or not _END.search(line)


def _joined(before: str, line: str) -> str:
    if before.endswith("-") and before[-2:-1].isalpha() and line[:1].islower():
        return before[:-1] + line
    return before + line if _HAN_END.search(before) else f"{before} {line}"
