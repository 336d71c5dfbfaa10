"""Files of knowledge as they lie on a disk: found, unpacked, decoded; `support` reads what is in them."""

from pathlib import Path

from zhanggui.connectors.tabular import open_text
from zhanggui.kernel.errors import BadInput
from zhanggui.support import KNOWLEDGE_SUFFIXES, Passage, read_knowledge


def read_folder(path: Path) -> tuple[list[Passage], list[str]]:
    """(passages, one plain line for each row or file that could not be read) of a file, or of all files below a folder.

    Raises:
        BadInput: no such file or folder, or a single file that cannot be read.
    """
    if path.is_file():
        passages, problems = _one(path, path.name)
        return passages, problems
    if not path.is_dir():
        raise BadInput(field="--knowledge", expected="a file or a folder", found=str(path))
    found: list[Passage] = []
    problems: list[str] = []
    for file in sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith(".")):
        name = file.relative_to(path).as_posix()
        if file.suffix.lower() not in KNOWLEDGE_SUFFIXES:
            problems.append(f"{name}: passed over, not one of {', '.join(sorted(KNOWLEDGE_SUFFIXES))}")
            continue
        try:
            passages, bad = _one(file, name)
        except BadInput as unreadable:
            problems.append(f"{name}: {unreadable.message}")
            continue
        found += passages
        problems += bad
    return found, problems


def _one(path: Path, name: str) -> tuple[list[Passage], list[str]]:
    with open_text(path) as text:
        read = read_knowledge(name, text.path.read_text(encoding="utf-8"))
    return list(read.passages), [f"{name}: {bad.message}" for bad in read.problems]
