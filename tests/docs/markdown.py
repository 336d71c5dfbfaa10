"""Our documents as the tests see them: fenced blocks, links, marked tables."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDES = sorted((DOCS / "guides").glob("*.md"))
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
TOP = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES = [*TOP, *sorted(DOCS.rglob("*.md"))]
RUN = ("bash", "python")
_FENCE = re.compile(r"^```(?P<language>\S*)[^\n]*\n(?P<text>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!\\)\]\((?P<target>[^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its text, the line it begins at."""

    language: str
    text: str
    line: int


def blocks(text: str) -> list[Block]:
    """Every fenced block of a document, in order."""
    return [
        Block(found["language"], found["text"], text.count("\n", 0, found.start()) + 1)
        for found in _FENCE.finditer(text)
    ]


def runs(text: str) -> list[tuple[Block, list[str]]]:
    """Every block that runs, with the lines that its output must hold: those of the ```text block right after it."""
    found: list[tuple[Block, list[str]]] = []
    fresh = False
    for block in blocks(text):
        if block.language in RUN:
            found.append((block, []))
            fresh = True
        elif block.language == "text" and fresh:
            found[-1][1].extend(line.strip() for line in block.text.splitlines() if line.strip(" …"))
            fresh = False
        else:
            fresh = False
    return found


def commands(text: str) -> list[str]:
    """The lines of ```console blocks that are commands, without the prompt."""
    shown = [line for block in blocks(text) if block.language == "console" for line in block.text.splitlines()]
    return [line.removeprefix("$ ") for line in shown if line.startswith("$ ")]


def links(text: str) -> list[str]:
    """Targets of links and pictures outside fenced blocks."""
    return [found["target"] for found in _LINK.finditer(_FENCE.sub("", text))]


def headings(text: str) -> list[str]:
    """Headings outside fenced blocks, with their marks."""
    return [line for line in _FENCE.sub("", text).splitlines() if re.match(r"#{1,6} ", line)]


def anchor(heading: str) -> str:
    """What a heading is linked by, as GitHub makes it."""
    plain = re.sub(r"[^\w\- ]", "", heading.lstrip("#").strip().lower())
    return plain.replace(" ", "-")
