"""`batch sentiment`, `batch intent` and `train`, run as a script runs them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

INTENTS = [
    ("where is my parcel", "track"),
    ("I want my money back", "refund"),
    ("cancel the order please", "cancel"),
]


def zhanggui(tmp_path: Path, *arguments: str, lines: bytes = b"") -> tuple[int, list[dict[str, Any]], str]:
    done = subprocess.run(
        [sys.executable, "-m", "zhanggui", *arguments],
        input=lines,
        capture_output=True,
        check=False,
        env={"ZHANGGUI_DATA_DIR": str(tmp_path / "data"), "ZHANGGUI_MODEL": "none", "PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
    )
    out = done.stdout.splitlines() if arguments[0] == "batch" else []
    return done.returncode, [json.loads(line) for line in out], done.stderr.decode()


def as_lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


@pytest.fixture
def intents(tmp_path: Path) -> Path:
    path = tmp_path / "intents.jsonl"
    rows = [{"text": f"{text} {number}", "label": label} for number in range(15) for text, label in INTENTS]
    path.write_bytes(as_lines(*rows))
    return path


def test_sentiment_without_any_training_follows_the_contract(tmp_path: Path) -> None:
    text = "质量很差，用了两天就坏了"
    lines = as_lines(
        {"id": "a", "text": text},
        {"id": 2, "text": "Love it, fits perfectly!", "extra": 1},
        {"id": 3, "text": " "},
        {"id": 4},
        {"id": 5, "text": "好" * 400_000},
    )
    code, answers, _ = zhanggui(tmp_path, "batch", "sentiment", lines=lines)
    assert code == 1
    assert [answer["id"] for answer in answers] == ["a", 2, 3, 4, 5]
    assert answers[0]["label"] == "negative" and answers[0]["positive"] < 0.5
    assert answers[1]["label"] == "positive" and answers[1]["positive"] > 0.5
    assert answers[0]["evidence"]
    for reason in answers[0]["evidence"]:
        assert text[reason["start"] : reason["end"]] == reason["text"] and reason["weight"] > 0
    assert answers[2]["error"]["field"] == answers[3]["error"]["field"] == "text"
    assert answers[4]["label"] in ("positive", "neutral", "negative")
    again = zhanggui(tmp_path, "batch", "sentiment", lines=lines)[1]
    assert again == answers


def test_sentiment_learns_from_the_shops_own_csv_in_gb18030(tmp_path: Path) -> None:
    rows = [(f"喵喵 {number}", 1) for number in range(12)] + [(f"汪汪 {number}", 0) for number in range(12)]
    path = tmp_path / "own.csv"
    path.write_bytes(("text,label\n" + "".join(f"{t},{lab}\n" for t, lab in rows)).encode("gb18030"))
    lines = as_lines({"id": 1, "text": "喵喵喵"}, {"id": 2, "text": "汪汪汪"})
    code, answers, told = zhanggui(tmp_path, "batch", "sentiment", "--train", str(path), lines=lines)
    assert code == 0
    assert [answer["label"] for answer in answers] == ["positive", "negative"]
    assert "only 24 different texts" in told


def test_intent_and_a_saved_model_give_the_same_answers(tmp_path: Path, intents: Path) -> None:
    lines = as_lines({"id": 1, "text": "where is the parcel"}, {"id": 2, "text": "cancel it"}, {"id": 3, "text": 5})
    code, answers, _ = zhanggui(tmp_path, "batch", "intent", "--train", str(intents), lines=lines)
    assert code == 1 and answers[2]["error"]["found"] == "5"
    assert [answer["label"] for answer in answers[:2]] == ["track", "cancel"]
    assert 0 <= answers[0]["confidence"] <= 1
    assert {other["label"] for other in answers[0]["alternatives"]} == {"refund", "cancel"}
    saved = tmp_path / "intents.npz"
    code, _, _ = zhanggui(tmp_path, "train", "intent", "--data", str(intents), "--out", str(saved))
    assert code == 0
    code, again, _ = zhanggui(tmp_path, "batch", "intent", "--model", str(saved), lines=lines)
    assert [answer.get("label") for answer in again] == [answer.get("label") for answer in answers]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (as_lines(*({"text": f"t{n}", "label": "a"} for n in range(20))), "at least two different labels"),
        (as_lines(*({"text": f"t{n}", "label": "ab"[n % 2]} for n in range(3))), "at least 10 different texts"),
        (as_lines({"text": "x"}), "row 1, label"),
        (b"text,category\nx,y\n", "row 1, label"),
        (b"", "at least 10 different texts"),
    ],
)
def test_unusable_training_files_are_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    saved = tmp_path / "m.npz"
    code, _, told = zhanggui(tmp_path, "train", "intent", "--data", str(path), "--out", str(saved))
    assert code == 1 and words in told
    assert not saved.exists()


def test_a_wrong_sentiment_label_names_its_row(tmp_path: Path, intents: Path) -> None:
    code, _, told = zhanggui(tmp_path, "batch", "sentiment", "--train", str(intents), lines=b"")
    assert code == 1 and "row 1, label" in told


def test_what_is_missing_or_not_a_model_is_said(tmp_path: Path, intents: Path) -> None:
    code, _, told = zhanggui(tmp_path, "batch", "intent", lines=b"")
    assert code == 2 and "--train" in told
    code, _, told = zhanggui(tmp_path, "batch", "intent", "--model", str(intents), lines=b"")
    assert code == 1 and "intents.jsonl" in told
    both = ("--train", str(intents), "--model", str(intents))
    code, _, told = zhanggui(tmp_path, "batch", "intent", *both, lines=b"")
    assert code == 2 and "both" in told
