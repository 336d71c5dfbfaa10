"""`zhanggui train`, the registry and `models compare`, run as a script runs them."""

import json
from pathlib import Path

from tests.cli.test_batch_text import as_lines, zhanggui


def own_rows(path: Path, count: int = 300) -> Path:
    rows = [{"text": f"{('喵喵', '汪汪')[n % 2]} 第{n}单", "label": 1 - n % 2} for n in range(count)]
    path.write_bytes(as_lines(*rows))
    return path


def test_a_trained_model_answers_from_then_on_and_can_be_rolled_back(tmp_path: Path) -> None:
    data = own_rows(tmp_path / "own.jsonl")
    code, _, told = zhanggui(tmp_path, "train", "sentiment", "--data", str(data))
    assert code == 0, told
    code, answers, _ = zhanggui(
        tmp_path, "batch", "sentiment", lines=as_lines({"id": 1, "text": "喵喵"}, {"id": 2, "text": "汪汪"})
    )
    assert code == 0 and [answer["label"] for answer in answers] == ["positive", "negative"]
    code, _, told = zhanggui(tmp_path, "models", "rollback", "sentiment")
    assert code == 1 and "live before" in told
    code, _, _ = zhanggui(tmp_path, "models", "retire", "sentiment", "1")
    assert code == 0


def test_models_are_compared_with_a_recommendation_and_a_picture(tmp_path: Path) -> None:
    data, plot = own_rows(tmp_path / "own.jsonl"), tmp_path / "plot.svg"
    code, _, told = zhanggui(
        tmp_path,
        "models",
        "compare",
        "sentiment",
        "--data",
        str(data),
        "--models",
        "linear,default",
        "--plot",
        str(plot),
    )
    assert code == 0, told
    assert plot.read_text(encoding="utf-8").startswith("<svg") and "linear" in plot.read_text(encoding="utf-8")
    code, _, told = zhanggui(tmp_path, "models", "compare", "sentiment", "--data", str(data), "--models", "oracle")
    assert code == 2 and "--models" in told


def test_a_neural_model_without_the_extra_says_so(tmp_path: Path) -> None:
    data = own_rows(tmp_path / "own.jsonl", 60)
    code, _, told = zhanggui(tmp_path, "train", "sentiment", "--data", str(data), "--model", "textcnn", "--epochs", "1")
    assert code in (0, 1)
    assert code == 0 or "make train-extra" in told


def test_a_writer_wants_targets(tmp_path: Path) -> None:
    data = own_rows(tmp_path / "own.jsonl", 60)
    code, _, told = zhanggui(tmp_path, "train", "title", "--data", str(data), "--model", "seq2seq")
    assert code == 1 and "row 1, target" in told
    assert json.loads(data.read_text(encoding="utf-8").splitlines()[0])["label"] == 1


def test_a_copy_student_learns_from_products_and_writes_only_where_one_went_live(tmp_path: Path) -> None:
    line = {"id": 1, "attributes": {"类型": "裙", "材质": "棉"}}
    code, _, told = zhanggui(tmp_path, "batch", "copy", "--model", "student", lines=as_lines(line))
    assert code != 0 and "zhanggui train copy" in told
    data = tmp_path / "products.jsonl"
    data.write_bytes(as_lines(line, {"id": 2, "attributes": 3}))
    code, _, told = zhanggui(tmp_path, "train", "copy", "--model", "seq2seq", "--data", str(data))
    assert code == 1 and "row 2" in told
