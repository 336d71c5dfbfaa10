"""Fill the figures into the documents: `python -m evals.publish` rewrites, `--check` only compares.

A document holds marks like `<!-- figure:copy-unsupported -->0 of 300<!-- /figure -->`; what stands between is
replaced by the value on record. Styles follow a colon (outside tables also a bar), `<!-- figure:name:percent -->`:
plain, percent, ratio, int, interval.
"""

import re
import sys
from pathlib import Path
from typing import Any

from evals.figures import FIGURES, ROOT, load

_MARK = re.compile(r"<!-- figure:(?P<name>[\w.-]+)(?:[:|](?P<style>\w+))? -->.*?<!-- /figure -->", re.DOTALL)


def render(entry: dict[str, Any], style: str) -> str:
    """One figure as text."""
    value, interval = entry["value"], entry["interval"]
    if style == "percent":
        return f"{100 * value:.1f} %"
    if style == "ratio":
        return f"{value:.2f}×"
    if style == "int":
        return f"{value:,.0f}"
    if style == "interval" and interval:
        return f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"
    return f"{value:.4g} {entry['unit']}".strip()


def fill(text: str) -> str:
    """The document with every mark filled from its record."""

    def one(match: re.Match[str]) -> str:
        name, style = match["name"], match["style"] or "plain"
        head = match[0].split("-->", 1)[0] + "-->"
        if not (FIGURES / f"{name}.json").exists():
            return f"{head}not measured yet<!-- /figure -->"
        return f"{head}{render(load(name), style)}<!-- /figure -->"

    return _MARK.sub(one, text)


def documents() -> list[Path]:
    """Every document that may hold figures."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def main() -> int:
    """Rewrite (or with --check compare); returns the exit status."""
    stale = 0
    for path in documents():
        if not path.exists():
            continue
        old = path.read_text(encoding="utf-8")
        new = fill(old)
        if new != old:
            stale += 1
            print(f"{'stale' if '--check' in sys.argv else 'filled'}: {path.relative_to(ROOT)}")
            if "--check" not in sys.argv:
                path.write_text(new, encoding="utf-8")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
