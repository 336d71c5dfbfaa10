"""Files of knowledge as they lie on a disk or come in at a door: unpacked, decoded, read. Connectors meet support."""

from collections.abc import Iterable
from pathlib import Path

from zhanggui.connectors.documents import Member, addresses_of, docx_text, is_archive, pages_of, pdf_text, unpacked
from zhanggui.connectors.tabular import Limits, open_text
from zhanggui.kernel.errors import BadInput
from zhanggui.support import KNOWLEDGE_SUFFIXES, Passage, read_knowledge

KNOWLEDGE_FILES = frozenset({*KNOWLEDGE_SUFFIXES, ".pdf", ".docx"})
_DOCUMENTS = {".pdf": pdf_text, ".docx": docx_text}
_PAGES = (".html", ".htm", ".xhtml")


def read_folder(path: Path, *, name: str = "", limits: Limits | None = None) -> tuple[list[Passage], list[str]]:
    """(passages, one plain line for each row or file that could not be read) of a file, a zip, or a folder.

    `name` is the file's own name where `path` has another, `limits` what it may cost. A `sitemap.xml` in a folder or
    zip names the pages saved beside it by their addresses.

    Raises:
        BadInput: no such file or folder, a single file that cannot be read, or an archive that is not sane.
    """
    shown = name or path.name
    if path.is_dir():
        files = (one for one in path.rglob("*") if one.is_file() and not one.name.startswith("."))
        return _many(Member(one.relative_to(path).as_posix(), one) for one in sorted(files))
    if not path.is_file():
        raise BadInput(field="--knowledge", expected="a file or a folder", found=str(path))
    if _ending(shown) not in _DOCUMENTS and is_archive(path):
        with unpacked(path, most_bytes=(limits or Limits()).unpacked_bytes) as members:
            if any(one.name == "[Content_Types].xml" for one in members):
                raise BadInput(field="file", expected="a workbook saved as CSV", found="an Excel workbook")
            return _many(members)
    return _one(path, shown, shown, limits)


def _many(members: Iterable[Member]) -> tuple[list[Passage], list[str]]:
    files = list(members)
    maps = [one for one in files if one.name.rpartition("/")[2].lower().startswith("sitemap") and _is_xml(one)]
    addresses = [address for one in maps for address in addresses_of(_text(one.path))]
    pages = pages_of((one.name for one in files if _ending(one.name) in _PAGES), addresses)
    found: list[Passage] = []
    problems: list[str] = []
    for one in files:
        if one in maps:
            continue
        if _ending(one.name) not in KNOWLEDGE_FILES:
            problems.append(f"{one.name}: passed over, not one of {', '.join(sorted(KNOWLEDGE_FILES))}")
            continue
        try:
            passages, bad = _one(one.path, one.name, pages.get(one.name, one.name), None)
        except BadInput as unreadable:
            problems.append(f"{one.name}: {unreadable.message}")
            continue
        found += passages
        problems += bad
    if maps and not pages:
        problems.append(f"{maps[0].name}: lists {len(addresses)} addresses, and no page of them is saved beside it")
    return found, problems


def _one(path: Path, name: str, source: str, limits: Limits | None) -> tuple[list[Passage], list[str]]:
    document = _DOCUMENTS.get(_ending(name))
    if document is not None:
        read = read_knowledge(source, document(path, name), ending="md")
    else:
        with open_text(path, name=name, limits=limits) as text:
            ending = _ending(name.removesuffix(".gz")).removeprefix(".")
            read = read_knowledge(source, text.path.read_text(encoding="utf-8"), ending=ending)
    return list(read.passages), [f"{name}: {bad.message}" for bad in read.problems]


def _is_xml(member: Member) -> bool:
    return _ending(member.name) == ".xml"


def _text(path: Path) -> str:
    with open_text(path) as text:
        return text.path.read_text(encoding="utf-8")


def _ending(name: str) -> str:
    return Path(name).suffix.lower()
