"""`zhanggui knowledge`: import, ask, close a gap through the inbox, take it back."""

import json
from pathlib import Path

from tests.cli.test_operations import zhanggui


def test_a_gap_is_closed_by_a_proposal_and_opens_again_when_it_is_taken_back(tmp_path: Path) -> None:
    folder, files = tmp_path / "data", tmp_path / "files"
    files.mkdir()
    pair = {"question": "How long does shipping take?", "answer": "Orders arrive within 5 days."}
    (files / "faq.jsonl").write_text(json.dumps(pair) + "\n", encoding="utf-8")
    first = zhanggui(folder, "knowledge", "import", str(files))
    assert first.returncode == 0 and "1 new" in first.stdout, first.stderr
    assert "1 unchanged" in zhanggui(folder, "knowledge", "import", str(files)).stdout
    told = zhanggui(folder, "knowledge", "ask", "How long does the shipping take?")
    assert told.stdout.startswith("answer") and "faq.jsonl#1" in told.stdout
    assert zhanggui(folder, "knowledge", "ask", "Can you engrave my initials?").stdout.startswith("handoff")
    gap = zhanggui(folder, "knowledge", "gaps").stdout.split("│")[1].strip()
    made = zhanggui(folder, "knowledge", "close-gap", gap, "Yes, up to three letters, at no charge.")
    proposal = made.stdout.split()[0]
    assert "waiting" in made.stdout, made.stderr
    assert zhanggui(folder, "desk", "approve", proposal).returncode == 0
    assert "No gaps" in zhanggui(folder, "knowledge", "gaps").stdout
    assert "three letters" in zhanggui(folder, "knowledge", "ask", "Can you engrave my initials?").stdout
    undone = zhanggui(folder, "desk", "undo", proposal)
    assert undone.returncode == 0, undone.stderr
    assert "engrave" in zhanggui(folder, "knowledge", "gaps").stdout
    assert zhanggui(folder, "knowledge", "withdraw", "nowhere").returncode == 1
