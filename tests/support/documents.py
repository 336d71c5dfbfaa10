"""Documents made for tests: PDF written by hand, DOCX by the library, zips of every kind of malice."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from docx import Document
from pypdf import PdfReader, PdfWriter


def make_pdf(path: Path, *pages: Sequence[str]) -> Path:
    """A PDF with these lines of Latin text on its pages."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids: list[int] = []
    for lines in pages:
        shown = (line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines)
        stream = ("BT /F1 11 Tf 14 TL 40 760 Td " + " ".join(f"({line}) Tj T*" for line in shown) + " ET").encode()
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(len(objects))
    refs = " ".join(f"{kid} 0 R" for kid in kids).encode()
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (refs, len(kids))
    out, places = bytearray(b"%PDF-1.4\n"), list[int]()
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    begin = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, begin)
    path.write_bytes(bytes(out))
    return path


def lock_pdf(path: Path, password: str) -> Path:
    """The same PDF, locked."""
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.encrypt(password, algorithm="AES-256")
    with path.open("wb") as stream:
        writer.write(stream)
    return path


def make_docx(path: Path) -> Path:
    """A Word document with headings, paragraphs and a table of questions."""
    document = Document()
    document.add_heading("退货与换货", level=1)
    document.add_heading("多久可以退货？", level=2)
    document.add_paragraph("签收之日起 7 天内可以退货，请保持商品完好。")
    table = document.add_table(rows=0, cols=2)
    for asked, answer in (("运费谁出？", "质量问题由本店承担运费。"), ("Do you ship abroad?", "Yes, to 12 countries.")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = asked, answer
    document.save(str(path))
    return path


def make_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    """A zip of these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def zip_bomb(path: Path) -> Path:
    """64 MiB of nothing in some kilobytes."""
    return make_zip(path, {"faq.md": b"\0" * (64 << 20)})


def locked_zip(path: Path) -> Path:
    """A zip that says it is locked (the flag is set by hand)."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("faq.md", "# A?\n\nB.")
    raw = bytearray(held.getvalue())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + at] |= 1
    path.write_bytes(bytes(raw))
    return path
