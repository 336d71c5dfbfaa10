"""Word's DOCX to text, by python-docx: the only file that knows the library."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph

from zhanggui.connectors.documents.folder import require_sane
from zhanggui.kernel.errors import BadInput

_OLE = b"\xd0\xcf\x11\xe0"
_LEVEL = re.compile(r"^heading (\d)", re.IGNORECASE)
_ASKS = re.compile(r"[?？]\s*$")
_MOST_BYTES = 256 << 20


def docx_text(path: Path, name: str) -> str:
    """The text of a Word document as Markdown: headings by their styles, tables row by row, questions as pairs.

    Raises:
        BadInput: an old .doc, locked by a password, broken, or one that swells when unpacked.
    """
    with path.open("rb") as stream:
        magic = stream.read(4)
    if magic == _OLE:
        raise BadInput(field="file", expected="a .docx without a password (save a .doc as .docx)", found=name)
    try:
        with zipfile.ZipFile(path) as archive:
            require_sane(archive, most_bytes=_MOST_BYTES)
        text = "\n\n".join(_blocks(path))
    except BadInput:
        raise
    except Exception as broken:
        # The library raises whatever a broken file makes it stumble over: KeyError, XML errors, zip errors.
        raise BadInput(field="file", expected="a whole .docx", found=f"{type(broken).__name__}: {broken}") from broken
    if not text.strip():
        raise BadInput(field="file", expected="a document with text in it", found="no text")
    return text


def _blocks(path: Path) -> Iterator[str]:
    for block in Document(str(path)).iter_inner_content():
        text = _table(block) if isinstance(block, Table) else _paragraph(block)
        if text:
            yield text.replace("\x00", "")


def _paragraph(block: Paragraph) -> str:
    text = block.text.strip()
    style = (block.style.name if block.style is not None else "") or ""
    level = 1 if style.lower() == "title" else int(found[1]) if (found := _LEVEL.match(style)) else 0
    return f"{'#' * min(level, 6)} {' '.join(text.split())}" if level and text else text


def _table(table: Table) -> str:
    rows = [[" ".join(cell.text.split()) for cell in row.cells] for row in table.rows]
    pairs = [row for row in rows if len(row) == 2 and _ASKS.search(row[0])]
    if pairs and 2 * len(pairs) >= len(rows):
        return "\n".join(f"Q: {asked}\nA: {answer}" for asked, answer in pairs)
    return "\n".join(" | ".join(dict.fromkeys(row)) for row in rows if any(row))
