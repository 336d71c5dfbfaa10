"""Docs are part of the build: what they say of commands, settings, dependencies, files and figures is compared."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from evals.figures import FIGURES, load
from evals.publish import documents
from evals.publish import fill as fill_figures
from typer.testing import CliRunner

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
        if not file.exists() or (part and part not in {anchor(heading) for heading in headings(_read(file))}):
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


def _wrong(shown: str) -> bool:
    """Whether something that looks like a command of ours names what does not exist."""
    try:
        words = shlex.split(shown)
    except ValueError:  # not a command line: an apostrophe in a sentence
        return False
    while words and re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    match words:
        case ["make", target, *_]:
            return "*" not in target and not _is_target(target)
        case ["python", "-m", module, *_] if module.startswith(("evals", "benchmarks", "tests")):
            return not _is_module(module)
        case ["zhanggui", *rest]:
            names = [word for word in rest if re.fullmatch(r"[a-z][a-z-]*", word)]
            return bool(names) and names[0] not in leaves() and " ".join(names[:2]) not in command_tree()
    return False


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_pages_name_exist(page: Path) -> None:
    assert [shown for shown in _names(page) if _wrong(shown)] == []


def _module_of(command: str) -> str:
    """What `make eval-x`, `make bench-x` and `python -m ...` run."""
    made = re.match(r"make (eval|bench)-([a-z-]+)", command)
    if made:
        folder = {"eval": "evals", "bench": "benchmarks"}[made[1]]
        return f"{folder}.{made[2].replace('-', '_')}"
    module = re.match(r"python -m ([a-z_.]+)", command)
    return module[1] if module else ""


def test_every_figure_stands_beside_the_command_that_gives_it() -> None:
    wrong: list[str] = []
    for line in _read(ROOT / "README.md").splitlines():
        wrong += [f"a bar splits the cell: {mark}" for mark in re.findall(r"<!-- figure:[^>]*\|[^>]*-->", line)]
        for name in re.findall(r"<!-- figure:([\w.-]+)", line):
            shown = re.search(r"`([^`]+)` \|$", line)
            module = _module_of(shown[1]) if shown else ""
            if not module:
                wrong.append(f"{name}: no command")
            elif (FIGURES / f"{name}.json").exists():
                given = str(load(name)["command"])
                wrong += [] if _is_module(module) and _module_of(given) == module else [f"{name}: {given}"]
    assert wrong == []


def test_the_guide_of_batch_commands_is_whole() -> None:
    there = set(re.findall(r"^### `batch ([a-z-]+)`", _read(DOCS / "guides/batch.md"), re.MULTILINE))
    real = {name.removeprefix("batch ") for name in leaves() if name.startswith("batch ")}
    assert there == real, "each batch command needs its section ### `batch NAME` in docs/guides/batch.md"


def test_the_page_of_the_house_is_true_to_the_tree() -> None:
    rows = re.findall(r"^\| (`[^|]+) \|[^|]*\| ([^|]*) \|$", _read(DOCS / "architecture.md"), re.MULTILINE)
    source = ROOT / "src" / "zhanggui"
    said = {name.rstrip("/"): state for names, state in rows for name in re.findall(r"`([^`]+)`", names)}
    said |= {f"kernel/{name}": state for name, state in said.items() if name in {"errors.py", "clock.py"}}
    rooms = [*source.iterdir(), *(source / "kernel").iterdir()]
    there = {
        str(room.relative_to(source))
        for room in rooms
        if (room.suffix == ".py" and not room.name.startswith("__")) or (room / "__init__.py").is_file()
    }
    assert there - set(said) - {"kernel"} == set(), "a room that docs/architecture.md does not name"
    built = {name for name, state in said.items() if "not built" not in state} - {"errors.py", "clock.py"}
    assert built - there == set(), "docs/architecture.md names what is not there"


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
    known = {"bash", "python", "text", "console", "json", "toml", "mermaid", "ini", "html", "http"}
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
