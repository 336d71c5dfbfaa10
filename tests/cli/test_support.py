"""`zhanggui complaints` and `zhanggui chat`: hear a file, settle, moods, the digest; outcomes and office hours."""

import json
from pathlib import Path

from tests.cli.test_operations import zhanggui


def test_from_a_file_of_reviews_to_a_settled_complaint(tmp_path: Path) -> None:
    folder, file = tmp_path / "data", tmp_path / "reviews.jsonl"
    rows = [
        {"id": "r1", "text": "充电宝充着充着冒烟了，差点起火！", "product_id": "BANK", "rating": 1},
        {"id": "r2", "text": "质量很好，很满意", "product_id": "CUP", "rating": 5},
        {"id": "r3", "text": "快递太慢了，十天还没到，打我电话13800138000", "carrier": "sf"},
        {"id": "r4", "text": ""},
    ]
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    heard = zhanggui(folder, "complaints", "hear", str(file))
    assert heard.returncode == 1 and "3 texts heard, 2 complaints, 1 rows failed" in heard.stdout
    assert "row 4" in heard.stderr
    listed = zhanggui(folder, "complaints", "list").stdout
    assert listed.index("safety") < listed.index("logistics")
    name = next(part for part in listed.split() if part.startswith("cmp_"))
    shown = zhanggui(folder, "complaints", "show", name).stdout
    assert "critical" in shown and "停止使用" in shown and "remedy:" in shown
    assert zhanggui(folder, "complaints", "settle", name, "--note", "已召回并退款").returncode == 0
    again = zhanggui(folder, "complaints", "take", name)
    assert again.returncode == 1 and "resolved" in again.stderr
    assert "BANK" in zhanggui(folder, "complaints", "mood").stdout
    digest = zhanggui(folder, "complaints", "digest").stdout
    assert "3 texts" in digest and "快递太慢了" in digest and "13800138000" not in digest


def test_chat_reports_and_office_hours(tmp_path: Path) -> None:
    folder, file = tmp_path / "data", tmp_path / "hours.json"
    assert "Nobody waits" in zhanggui(folder, "chat", "waiting").stdout
    assert "No conversations" in zhanggui(folder, "chat", "report").stdout
    file.write_text(json.dumps({"zone": "Europe/Berlin", "days": {"0": [["09:00", "17:30"]]}}), encoding="utf-8")
    told = zhanggui(folder, "chat", "hours", str(file))
    assert told.returncode == 0 and "17:30" in told.stdout, told.stderr
    assert "Europe/Berlin" in zhanggui(folder, "chat", "hours").stdout
    file.write_text('{"zone": "Nowhere/Else"}', encoding="utf-8")
    bad = zhanggui(folder, "chat", "hours", str(file))
    assert bad.returncode == 1 and "a time zone such as" in bad.stderr
