"""Knowledge out of PDF, Word, zips and saved sites; and what a file that is broken, locked or hostile is told."""

from pathlib import Path

import pytest
from docx import Document
from tests.support.documents import lock_pdf, locked_zip, make_docx, make_pdf, make_zip, zip_bomb

from zhanggui.app import read_folder
from zhanggui.connectors.documents import addresses_of, pages_of
from zhanggui.kernel.errors import BadInput

RETURNS = (
    "Returns",
    "How long may I send something back?",
    "You may send anything back within 30 days of the day on which it ar-",
    "rived, and we pay the parcel when something was wrong with the goods",
    "that we sent to you.",
    "Who pays for the parcel?",
    "We do, if the goods are broken.",
)


def test_a_pdf_becomes_questions_with_their_paragraphs(tmp_path: Path) -> None:
    passages, problems = read_folder(make_pdf(tmp_path / "returns.pdf", RETURNS, ("Second page", "It ends here.")))
    assert problems == []
    asked = {one.title: one for one in passages}
    first = asked["How long may I send something back?"]
    assert first.question and "on which it arrived, and we pay the parcel" in first.text
    assert asked["Who pays for the parcel?"].text == "We do, if the goods are broken."
    assert all(one.source.startswith("returns.pdf#") for one in passages)


def test_a_word_document_keeps_headings_and_questions_of_tables(tmp_path: Path) -> None:
    passages, problems = read_folder(make_docx(tmp_path / "退换货.docx"))
    asked = {one.title: one.text for one in passages}
    assert problems == []
    assert asked["多久可以退货？"].startswith("签收之日起 7 天内可以退货")
    assert asked["运费谁出？"] == "质量问题由本店承担运费。"
    assert asked["Do you ship abroad?"] == "Yes, to 12 countries."


def test_a_zip_is_a_folder_with_gbk_text_and_every_unreadable_file_named(tmp_path: Path) -> None:
    pdf = make_pdf(tmp_path / "a.pdf", RETURNS).read_bytes()
    packed = make_zip(
        tmp_path / "all.zip",
        {
            "faq/中文.md": "# 多久发货？\n\n48 小时内发货，节假日顺延。".encode("gb18030"),
            "../../escape.md": b"# Where?\n\nNowhere else.",
            "a.pdf": pdf,
            "page.html": b"<h2>Fees?</h2><p>None.</p><script>alert(1)</script>",
            "inner.zip": b"PK\x03\x04rest",
            "broken.pdf": b"%PDF-1.4 nothing",
            "photo.jpg": b"\xff\xd8\xff",
            "__MACOSX/x.md": b"no",
        },
    )
    passages, problems = read_folder(packed)
    sources = {one.source.partition("#")[0] for one in passages}
    assert sources == {"faq/中文.md", "escape.md", "a.pdf", "page.html"}
    assert any(one.text == "48 小时内发货，节假日顺延。" for one in passages)
    assert not any("alert" in one.text for one in passages)
    assert [one.partition(":")[0] for one in problems] == ["broken.pdf", "inner.zip", "photo.jpg"]
    assert not (tmp_path.parent / "escape.md").exists()


def test_a_saved_site_is_cited_by_its_addresses(tmp_path: Path) -> None:
    xml = (
        "<urlset><url><loc>https://shop.example/help/returns</loc></url><url><loc> https://shop.example/about.html?a&amp;b"
        "</loc></url><url><loc>ftp://no.example/x</loc></url></urlset>"
    )
    page = b"<html><head><title>x</title></head><body><h1>Returns?</h1><p>30 days.</p></body></html>"
    packed = make_zip(
        tmp_path / "site.zip", {"sitemap.xml": xml.encode(), "shop.example/help/returns/index.html": page}
    )
    (passage,), problems = read_folder(packed)
    assert passage.source == "https://shop.example/help/returns#1" and passage.text == "30 days."
    assert problems == []
    alone = make_zip(tmp_path / "alone.zip", {"sitemap.xml": xml.encode()})
    assert read_folder(alone) == ([], ["sitemap.xml: lists 2 addresses, and no page of them is saved beside it"])
    assert pages_of(["about.htm", "x/other.html"], addresses_of(xml)) == {
        "about.htm": "https://shop.example/about.html?a&b"
    }


def test_a_crawl_in_json_lines_is_read_as_pages(tmp_path: Path) -> None:
    lines = '{"url": "https://shop.example/fees", "html": "<h2>Fees?</h2><p>None.</p><script>bad()</script>"}\n'
    (tmp_path / "crawl.jsonl").write_text(lines, encoding="utf-8")
    (passage,), _ = read_folder(tmp_path / "crawl.jsonl")
    assert (passage.source, passage.title, passage.text) == ("https://shop.example/fees#1", "Fees?", "None.")


def _locked(folder: Path) -> Path:
    return lock_pdf(make_pdf(folder / "locked.pdf", RETURNS), "secret")


def _empty_pdf(folder: Path) -> Path:
    return make_pdf(folder / "pictures.pdf", ())


def _old_word(folder: Path) -> Path:
    path = folder / "old.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    return path


def _swelling_word(folder: Path) -> Path:
    return make_zip(folder / "swells.docx", {"word/document.xml": b" " * (300 << 20)})


def _entities(folder: Path) -> Path:
    path = make_docx(folder / "entities.docx")
    lol = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    return make_zip(path, {"[Content_Types].xml": lol, "word/document.xml": lol})


def _empty_word(folder: Path) -> Path:
    Document().save(str(folder / "empty.docx"))
    return folder / "empty.docx"


def _cut_zip(folder: Path) -> Path:
    path = make_zip(folder / "cut.zip", {"a.md": b"# A?\n\nB." * 1000})
    path.write_bytes(path.read_bytes()[:-60])
    return path


def _bomb(folder: Path) -> Path:
    return zip_bomb(folder / "bomb.zip")


def _locked_archive(folder: Path) -> Path:
    return locked_zip(folder / "locked.zip")


def _binary(folder: Path) -> Path:
    (folder / "picture.md").write_bytes(bytes(range(256)) * 50)
    return folder / "picture.md"


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (_locked, "a PDF without a password"),
        (_empty_pdf, "a PDF with text in it"),
        (_old_word, "a .docx without a password"),
        (_swelling_word, "MiB unpacked"),
        (_entities, "a whole .docx"),
        (_empty_word, "a document with text in it"),
        (_cut_zip, "a whole, unencrypted archive"),
        (_bomb, "times its packed size"),
        (_locked_archive, "an archive without a password"),
        (_binary, "text"),
    ],
)
def test_hostile_and_broken_files_get_a_plain_error(make: object, told: str, tmp_path: Path) -> None:
    assert callable(make)
    with pytest.raises(BadInput, match="expected") as told_to:
        read_folder(make(tmp_path))
    assert told in told_to.value.expected
