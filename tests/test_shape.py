"""The house keeps its shape: sizes, public faces, names of files, no frameworks in the wrong room."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "zhanggui"
CAPABILITIES = ("catalog", "orders", "planning", "support", "marketing")
ROLES = {
    "__init__", "models", "rules", "ports", "store", "service", "proposals", "tools", "jobs", "prompts",
    "locales", "data", "models_data", "policies", "automations", "desk_jobs",
}  # fmt: skip


def _python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def _functions(path: Path) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            doc = node.body[0].end_lineno - node.body[0].lineno + 1 if ast.get_docstring(node) else 0
            found.append((node.name, node.end_lineno - node.lineno + 1 - doc))
    return found


def test_no_source_file_is_over_400_lines() -> None:
    over = {str(path.relative_to(ROOT)): _lines(path) for path in _python_files("src") if _lines(path) > 400}
    assert over == {}


def test_no_test_file_is_over_600_lines() -> None:
    over = {str(path.relative_to(ROOT)): _lines(path) for path in _python_files("tests") if _lines(path) > 600}
    assert over == {}


def test_functions_are_short() -> None:
    paths = [path for path in _python_files("src") if "versions" not in path.parts]  # a migration is a list of tables
    sizes = sorted((size, name, path) for path in paths for name, size in _functions(path))
    over = [f"{path.relative_to(ROOT)} {name} {size}" for size, name, path in sizes if size > 50]
    assert over == []
    assert sizes[int(len(sizes) * 0.95)][0] <= 40, "95 % of functions have at most 40 lines"


def test_classes_have_at_most_12_public_methods() -> None:
    over: list[str] = []
    for path in _python_files("src"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                methods = [
                    item for item in node.body
                    if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and not item.name.startswith("_")
                ]  # fmt: skip
                if len(methods) > 12:
                    over.append(f"{path.relative_to(ROOT)} {node.name} {len(methods)}")
    assert over == []


def test_everything_public_has_a_docstring() -> None:
    missing: list[str] = []
    for path in _python_files("src"):
        if "migrations" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree):
            missing.append(f"{path.relative_to(ROOT)}")
        public = [
            node for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_"
        ]  # fmt: skip
        missing += [f"{path.relative_to(ROOT)} {node.name}" for node in public if not ast.get_docstring(node)]
    assert missing == []


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_a_capability_has_only_the_usual_rooms(capability: str) -> None:
    folder = SOURCE / capability
    if not folder.exists():
        pytest.skip(f"{capability} is not built yet")
    names = {path.stem for path in folder.iterdir() if path.name != "__pycache__"}
    assert names <= ROLES
    assert "__init__" in names


def test_outsiders_use_a_capabilitys_public_face_only() -> None:
    broken: list[str] = []
    for path in _python_files("src"):
        inside = path.relative_to(SOURCE).parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("zhanggui."):
                parts = node.module.split(".")
                if parts[1] in (*CAPABILITIES, "desk") and len(parts) > 2 and inside != parts[1]:
                    broken.append(f"{path.relative_to(ROOT)}: {node.module}")
    assert broken == []


def test_sql_is_written_in_store_files_only() -> None:
    broken: list[str] = []
    for path in _python_files("src"):
        parts = path.relative_to(SOURCE).parts
        if parts[0] not in (*CAPABILITIES, "desk") or parts[1].removesuffix(".py") == "store":
            continue
        if "sqlalchemy" in path.read_text(encoding="utf-8"):
            broken.append(str(path.relative_to(ROOT)))
    assert broken == []


def test_the_environment_is_read_in_settings_only() -> None:
    allowed = {"settings.py"}
    broken = [
        str(path.relative_to(ROOT))
        for path in _python_files("src")
        if "os.environ" in path.read_text(encoding="utf-8") and path.name not in allowed
    ]
    assert broken == []


def test_no_ignore_without_a_reason() -> None:
    """The reason stands behind the mark or on the line above (one line serves a run of marks)."""
    broken: list[str] = []
    for path in _python_files("src"):
        before = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            marked = [mark for mark in ("# type: ignore", "# pyright: ignore", "# noqa") if mark in line]
            explained = any("#" in (rest := line.split(mark, 1)[1]) or " - " in rest for mark in marked)
            if marked and not explained and not before.strip().startswith("#") and "ignore[" not in before:
                broken.append(f"{path.relative_to(ROOT)}:{number}")
            before = line
    assert broken == []
