"""Docs are part of the build: what they say of commands, settings, dependencies, files and figures is compared."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.publish import documents
from evals.publish import fill as fill_figures
from tests.docs.markdown import DECISIONS, DOCS, GUIDES, PAGES, ROOT, anchor, blocks, commands, headings, links
from tests.docs.tables import command_tree, fill, leaves
from zhanggui.cli.root import cli

MACHINE_PATH = re.compile(r"(?<![\w.:~/-])/(?:home|root|work|tmp|Users|mnt|workspace)/")
DECISION_NAME = re.compile(r"(\d{4})-[a-z0-9-]+\.md")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _targets() -> set[str]:
    found = re.findall(r"^([a-z%-]+):", _read(ROOT / "Makefile"), re.MULTILINE)
    return set(found)


def _is_target(name: str) -> bool:
    return name in _targets() or any(re.fullmatch(target.replace("%", "[a-z-]+"), name) for target in _targets())


def _names(page: Path) -> list[str]:
    return [*re.findall(r"`([^`\n]+)`", _read(page)), *commands(_read(page))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_pictures_resolve(page: Path) -> None:
    broken: list[str] = []
    for target in links(_read(page)):
        if re.match(r"https?://|mailto:", target):
            continue
        path, _, part = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            broken.append(target)
        elif part and part not in {anchor(heading) for heading in headings(_read(file))}:
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_path_of_a_machine(page: Path) -> None:
    assert MACHINE_PATH.findall(_read(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_tables_are_what_the_code_says(page: Path) -> None:
    assert fill(_read(page)) == _read(page), "python -m tests.docs.tables"


def test_figures_are_what_was_measured() -> None:
    stale = [page.name for page in documents() if page.exists() and fill_figures(_read(page)) != _read(page)]
    assert stale == [], "python -m evals.publish"


@pytest.mark.parametrize("name", sorted(command_tree()))
def test_every_command_has_help(name: str) -> None:
    shown = CliRunner().invoke(cli, [*name.split(), "--help"])
    assert shown.exit_code == 0
    assert command_tree()[name].help


def test_every_command_is_in_the_docs() -> None:
    said = "\n".join(_read(page) for page in PAGES)
    assert [name for name in leaves() if f"zhanggui {name}" not in said] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_pages_name_exist(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        pytest.skip("history may speak of what is gone")
    wrong: list[str] = []
    tree = command_tree()
    for shown in _names(page):
        try:
            words = shlex.split(shown)
        except ValueError:  # not a command line: an apostrophe in a sentence
            continue
        while words and re.match(r"[A-Z_]+=", words[0]):
            words = words[1:]
        if words[:1] == ["make"]:
            wrong += [word for word in words[1:2] if "*" not in word and not _is_target(word)]
        elif words[:2] == ["python", "-m"] and words[2:] and words[2].startswith(("evals", "benchmarks", "tests")):
            module = ROOT / words[2].replace(".", "/")
            wrong += [] if "<" in words[2] or module.is_dir() or module.with_suffix(".py").is_file() else [words[2]]
        elif words[:1] == ["zhanggui"] and words[1:]:
            plain = [word for word in words[1:] if re.fullmatch(r"[a-z][a-z-]*", word)]
            known = not plain or plain[0] in tree and (plain[0] in leaves() or " ".join(plain[:2]) in tree)
            wrong += [] if known or len(plain) == 1 and plain[0] in tree else [shown]
    assert wrong == []


def test_every_runtime_dependency_has_its_reason() -> None:
    declared = tomllib.loads(_read(ROOT / "pyproject.toml"))["project"]
    wanted = [*declared["dependencies"], *declared["optional-dependencies"].get("postgres", [])]
    wanted += [*declared["optional-dependencies"]["train"], *declared["optional-dependencies"]["presidio"]]
    wanted += declared["optional-dependencies"]["daft"]
    names = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in wanted}  # type: ignore[index]
    rows = {name.lower() for name in re.findall(r"^\| `([^`]+)`", _read(DOCS / "decisions/0012-dependencies.md"), re.M)}
    assert names - rows == set(), "docs/decisions/0012-dependencies.md lacks a line"
    assert rows - names == set(), "docs/decisions/0012-dependencies.md speaks of what is not depended on"


def test_decisions_are_numbered_and_have_the_same_parts() -> None:
    names = [DECISION_NAME.fullmatch(page.name) for page in DECISIONS]
    assert all(names)
    assert [int(name[1]) for name in names if name] == list(range(1, len(DECISIONS) + 1))
    wrong: list[str] = []
    for page in DECISIONS:
        text = _read(page)
        title = headings(text)[0]
        if not re.match(rf"# {page.name[:4]} \S", title) or len(headings(text)) != 1:
            wrong.append(f"{page.name}: title {title!r}")
        found = re.findall(r"^\*\*(Asked|Decided|Not taken|It costs)\.\*\*", text, re.MULTILINE)
        if found != ["Asked", "Decided", "Not taken", "It costs"]:
            wrong.append(f"{page.name}: {found}")
        if text.count("\n") > 70:
            wrong.append(f"{page.name}: more than a page")
    assert wrong == []


def test_blocks_name_a_language_that_somebody_checks() -> None:
    known = {"bash", "python", "text", "console", "json", "toml", "mermaid", "ini"}
    wrong = [
        f"{page.name}:{block.line} {block.language!r}"
        for page in PAGES
        for block in blocks(_read(page))
        if block.language not in known
    ]
    assert wrong == []


def test_the_index_of_guides_and_decisions_is_whole() -> None:
    index = _read(DOCS / "README.md")
    assert [page.name for page in (*GUIDES, *DECISIONS) if page.name not in index] == []
