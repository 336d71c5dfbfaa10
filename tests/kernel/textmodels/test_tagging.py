"""The tagger: exact against a brute-force field, learns a made-up language, survives a file and bad input."""

import itertools
import random

import numpy as np
import pytest

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.crf import best_path, expected, lay_out
from zhanggui.kernel.textmodels.tagging import Span, SpanTagger, TaggedText, read_bio, spans_of

_BRANDS = ("云岫", "Nordpeak", "山禾", "青竹", "lumio")
_NOUNS = ("保温杯", "连衣裙", "台灯", "跑步鞋", "双肩包", "电饭煲")
_WORDS = ("新款", "大容量", "轻便", "家用", "夏季", "学生", "包邮", "可爱")


def _titles(count: int, seed: int = 1) -> list[TaggedText]:
    chance = random.Random(seed)
    rows: list[TaggedText] = []
    for number in range(count):
        text, spans = "", []
        for label, pool in (("BRAND", _BRANDS), ("", _WORDS), ("WORD", _NOUNS), ("", _WORDS)):
            piece = chance.choice(pool)
            if label:
                spans.append(Span(len(text), len(text) + len(piece), label))
            text += piece
        code = f"X{number % 97}"
        spans.append(Span(len(text), len(text) + len(code), "CODE"))
        rows.append(TaggedText(text + code, tuple(spans)))
    return rows


def _brute(emission: np.ndarray, transition: np.ndarray, initial: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    length, labels = emission.shape
    paths = list(itertools.product(range(labels), repeat=length))
    scores = np.array(
        [
            initial[path[0]]
            + sum(emission[at, label] for at, label in enumerate(path))
            + sum(transition[a, b] for a, b in itertools.pairwise(path))
            for path in paths
        ]
    )
    log_z = float(np.log(np.exp(scores).sum()))
    shares = np.exp(scores - log_z)
    marginal = np.zeros_like(emission)
    for path, share in zip(paths, shares, strict=True):
        marginal[np.arange(length), list(path)] += share
    return log_z, marginal, np.array(paths[int(scores.argmax())])


def test_forward_backward_and_viterbi_agree_with_every_path_counted_out() -> None:
    chance = np.random.default_rng(3)
    lengths = np.array([3, 1, 4, 2])
    emission, transition, initial = chance.normal(size=(10, 3)), chance.normal(size=(3, 3)), chance.normal(size=3)
    told = expected(emission, transition, initial, lay_out(lengths))
    path = best_path(emission, transition, initial, lay_out(lengths))
    total, begin, moves = 0.0, 0, 0.0
    for length in lengths:
        log_z, marginal, best = _brute(emission[begin : begin + length], transition, initial)
        np.testing.assert_allclose(told.tokens[begin : begin + length], marginal, atol=1e-12)
        np.testing.assert_array_equal(path[begin : begin + length], best)
        total, begin, moves = total + log_z, begin + length, moves + length - 1
    assert told.log_z == pytest.approx(total)
    assert told.pairs.sum() == pytest.approx(moves)
    assert told.first.sum() == pytest.approx(len(lengths))


@pytest.fixture(scope="module")
def tagger() -> SpanTagger:
    return SpanTagger.fit(_titles(300))


def test_it_learns_brands_words_and_codes_and_gives_the_same_twice(tagger: SpanTagger) -> None:
    fresh = _titles(60, seed=9)
    found = tagger.spans([row.text for row in fresh])
    right = sum(ours == row.spans for ours, row in zip(found, fresh, strict=True))
    assert right >= 57
    again = SpanTagger.fit(_titles(300)).spans([row.text for row in fresh])
    assert again == found


def test_a_batch_and_one_at_a_time_agree(tagger: SpanTagger) -> None:
    texts = [
        "",
        "云岫新款保温杯家用X5",
        "x",
        "ＮＯＲＤＰＥＡＫ轻便台灯",
        "🏮👜",
        "İstanbul\u2003杯",
        "a" * 3000,
        "\x00\x01",
        "\ud800",
    ]
    together = tagger.spans(texts)
    assert together == [tagger.spans([text])[0] for text in texts]
    assert together[0] == ()
    assert Span(0, 2, "BRAND") in together[1]


def test_it_survives_a_file(tagger: SpanTagger, tmp_path) -> None:
    file = tmp_path / "tagger.npz"
    tagger.save(file)
    texts = [row.text for row in _titles(40, seed=5)]
    assert SpanTagger.load(file).spans(texts) == tagger.spans(texts)
    file.write_bytes(b"not a model")
    with pytest.raises(BadInput):
        SpanTagger.load(file)


def test_bio_files_are_read_and_bad_lines_named(tmp_path) -> None:
    file = tmp_path / "rows.txt"
    file.write_text("\ufeff杯 B-W\n子 I-W\n  O\na I-B\n\n大 O\r\n", encoding="utf-8")
    assert read_bio(file) == (
        TaggedText("杯子 a", (Span(0, 2, "W"), Span(3, 4, "B"))),
        TaggedText("大", ()),
    )
    file.write_text("杯 B-W\n杯子 X\n", encoding="utf-8")
    with pytest.raises(BadInput) as bad:
        read_bio(file)
    assert bad.value.row == 2
    file.write_bytes("杯 B-W\n".encode("gbk"))
    with pytest.raises(BadInput):
        read_bio(file)
    with pytest.raises(BadInput):
        SpanTagger.fit([TaggedText("杯子", (Span(0, 2, "W"),))])
    assert spans_of(["I-A", "B-A", "I-B"]) == (Span(0, 1, "A"), Span(1, 2, "A"), Span(2, 3, "B"))
