"""The batch doors keep their contract: order, ids, error lines, exit codes, encodings, summaries."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CUP = {"id": "cup", "title": "Enamel cup", "attributes": {"Material": "Enamel", "Colour": "Blue", "Capacity": "350 ml"}}


def batch(tmp_path: Path, *arguments: str, lines: bytes) -> tuple[int, list[dict[str, Any]], str]:
    """Run a batch command with lines on standard input, as a script would."""
    done = subprocess.run(
        [sys.executable, "-m", "zhanggui", "batch", *arguments],
        input=lines,
        capture_output=True,
        check=False,
        env={"ZHANGGUI_DATA_DIR": str(tmp_path / "data"), "ZHANGGUI_MODEL": "none", "PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def as_lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def test_bad_lines_become_error_lines_and_the_others_run(tmp_path: Path) -> None:
    lines = (
        b"\xef\xbb\xbf"
        + as_lines({"id": 1, "text": "打 13800138000"})
        + b"{broken\n\n[1]\n"
        + as_lines({"id": 2, "text": 5}, {"id": 3, "text": "fine", "unknown": True})
    )
    summary = tmp_path / "summary.json"
    code, answers, _ = batch(tmp_path, "redact", "--json-summary", str(summary), lines=lines)
    assert code == 1
    assert [answer["id"] for answer in answers] == [1, None, None, 2, 3]
    assert "13800138000" not in answers[0]["text"]
    assert answers[3]["error"] == {"field": "text", "expected": "text", "found": "5"}
    assert answers[4]["text"] == "fine"
    counts = json.loads(summary.read_text())
    assert (counts["lines"], counts["ok"], counts["failed"]) == (5, 2, 3)


def test_all_good_is_exit_code_0_and_unusable_arguments_2(tmp_path: Path) -> None:
    code, _, _ = batch(tmp_path, "redact", lines=as_lines({"id": 1, "text": "x"}))
    assert code == 0
    code, _, _ = batch(tmp_path, "redact", "--locale", "klingon", lines=b"")
    assert code == 2
    code, _, complaint = batch(tmp_path, "redact", "--in", "nothing.jsonl", lines=b"")
    assert code == 2 and "nothing.jsonl" in complaint


def test_copy_without_a_model_is_publishable_and_the_same_twice(tmp_path: Path) -> None:
    arguments = ("copy", "--locale", "en", "--channel", "amazon")
    code, first, _ = batch(tmp_path, *arguments, lines=as_lines(CUP, {**CUP, "id": "b", "attributes": 7}))
    assert code == 1
    assert first[0]["publishable"] is True
    assert {"title", "bullets", "description", "keywords", "claims", "checks", "usage"} <= first[0].keys()
    assert first[1]["error"]["field"] == "attributes"
    _, second, _ = batch(tmp_path, *arguments, lines=as_lines(CUP))
    assert second[0]["title"] == first[0]["title"]


@pytest.mark.parametrize(
    ("text", "publishable"),
    [
        ("A blue enamel cup that holds 350 ml.", True),
        ("A blue enamel cup that holds 0.35 L.", True),
        ("A red enamel cup that holds 350 ml.", False),
        ("A blue steel cup that holds 350 ml.", False),
        ("A blue enamel cup that holds 500 ml.", False),
        ("A dishwasher-safe blue enamel cup.", False),
    ],
)
def test_check_copy_tells_truth_from_lies(tmp_path: Path, text: str, publishable: bool) -> None:
    code, [answer], _ = batch(tmp_path, "check-copy", "--locale", "en", lines=as_lines({**CUP, "text": text}))
    assert code == 0
    assert answer["publishable"] is publishable, answer["claims"]
    for claim in answer["claims"]:
        assert text[claim["start"] : claim["end"]] == claim["text"]


def test_related_learns_from_a_file(tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text(
        "user,item,timestamp\n" + "".join(f"u{n},a,2026-01-0{n}\nu{n},b,2026-01-0{n}\n" for n in (1, 2, 3))
    )
    code, [answer], _ = batch(tmp_path, "related", "--events", str(events), lines=as_lines({"id": "q", "items": ["a"]}))
    assert code == 0
    assert answer["items"] == ["b"]
    assert "3 of 3" in answer["reasons"][0]


def test_keywords_take_titles_apart_in_both_languages(tmp_path: Path) -> None:
    rows = as_lines(
        {"id": 1, "title": "飞利浦80w木雅吸顶灯客厅卧室", "locale": "zh-CN"},
        {"id": 2, "title": "Steel water bottle 500 ml", "locale": "en"},
        {"id": 3, "title": "x", "locale": "fr"},
    )
    code, answers, _ = batch(tmp_path, "keywords", lines=rows)
    assert code == 1
    assert answers[0]["product_words"] == ["吸顶灯"]
    assert answers[0]["brands"] == ["飞利浦"]
    assert "water bottle" in [word.lower() for word in answers[1]["product_words"]]
    assert answers[2]["error"]["field"] == "locale"
