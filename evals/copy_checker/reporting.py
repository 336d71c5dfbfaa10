"""A page of drafts to read by eye: what is known, what was written, what the checker objects to. Not for committing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.copy_checker.claims import Hit, pairs_of

Draft = dict[str, Any]
_MOST_FACTS = 1200  # characters


def write_report(path: Path, name: str, rows: Sequence[tuple[Draft, list[Hit], list[str]]]) -> None:
    """One section for each (draft, hits, values left out), those with hits first."""
    ordered = sorted(enumerate(rows), key=lambda numbered: (not numbered[1][1], numbered[0]))
    pages = [f"# {name}: {len(rows)} drafts, {sum(len(hits) for _, hits, _ in rows)} unsupported hard claims\n"]
    pages += [_section(number, *row) for number, row in ordered]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(pages), encoding="utf-8")


def _section(number: int, draft: Draft, hits: list[Hit], missing: list[str]) -> str:
    copy = draft["copy"]
    facts = "; ".join(f"{name}: {value}" for name, value in pairs_of(draft["line"]))[:_MOST_FACTS]
    lines = [
        f"## {number + 1} ({draft['channel']}, {'model' if draft['by_model'] else 'writer: ' + draft['note']})",
        f"facts: {facts}",
        *(f"**HIT** {hit.place} {hit.kind} “{hit.text}”: {hit.why}" for hit in hits),
        *([] if draft["publishable"] else [f"**NOT PUBLISHABLE** {'; '.join(draft['failed'])}"]),
        f"**{copy['title']}**",
        *(f"- {bullet}" for bullet in copy["bullets"]),
        copy["description"],
        f"keywords: {', '.join(copy['keywords'])}",
        *(f"~~{text}~~" for text in draft["cut"]),
        *([f"left out: {'; '.join(missing)}"] if missing else []),
    ]
    return "\n\n".join(lines[:1]) + "\n\n" + "\n".join(lines[1:]) + "\n"
