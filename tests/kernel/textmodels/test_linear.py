"""The linear model: hashing against a plain oracle, exact and faithful reasons, files that refuse others."""

import json
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhanggui.kernel.errors import BadInput, OperatorError
from zhanggui.kernel.textmodels import (
    LinearModel,
    clean,
    default_sentiment,
    kept_aside,
    language,
    sentiments,
)
from zhanggui.kernel.textmodels.compose import compose, read_lexicon
from zhanggui.kernel.textmodels.hashing import BITS, MAX_CHARACTERS, counts, occurrences, words
from zhanggui.kernel.textmodels.modelfile import write_model
from zhanggui.kernel.textmodels.sentiment import LEXICONS

TEXTS = st.lists(st.text(max_size=30), min_size=1, max_size=6)


def made_up(locale: str = "zh-CN", count: int = 600, seed: int = 3) -> tuple[list[str], list[str]]:
    lexicon = read_lexicon(LEXICONS[locale], locale)  # type: ignore[arg-type,index]
    return compose(lexicon, count, seed)


@pytest.fixture(scope="module")
def model() -> LinearModel:
    return LinearModel.fit(*made_up(), seed=0, task="sentiment")


def plain_grams(text: str) -> Counter[str]:
    """Character n-grams one by one, as the docstring of `Grams` says them; the oracle."""
    simple = " " + "".join(" " if c.isspace() else c.lower() for c in text) + " "
    grams: Counter[str] = Counter()
    if language(text) == "zh-CN":
        for length in range(1, 5):
            grams.update(simple[i : i + length] for i in range(len(simple) - length + 1))
        del grams[" "]
    else:
        for length in range(3, 6):
            pieces = (simple[i : i + length] for i in range(len(simple) - length + 1))
            grams.update(piece for piece in pieces if " " not in piece[1:-1])
    return grams


@pytest.mark.parametrize("text", ["质量很好，质量很好！", "Not good, not GOOD at all", "这件 dress 不好看", "a", "了"])
def test_character_counts_are_those_of_plain_slicing(text: str) -> None:
    found: Counter[int] = Counter()
    for _, slots, often in counts([text]):
        found.update({int(s): int(n) for s, n in zip(slots, often, strict=True) if s >> BITS == 0})
    assert sorted(found.values()) == sorted(plain_grams(text).values())


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_a_text_counts_the_same_alone_and_among_others(texts: list[str]) -> None:
    together: dict[int, dict[int, int]] = {number: {} for number in range(len(texts))}
    for text, slot, often in counts(texts):
        for t, s, n in zip(text, slot, often, strict=True):
            together[int(t)][int(s)] = int(n)
    for number, text in enumerate(texts):
        alone = {int(s): int(n) for _, slots, often in counts([text]) for s, n in zip(slots, often, strict=True)}
        assert alone == together[number]


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_every_word_stands_where_it_says(text: str) -> None:
    last = 0
    for start, end in words(text):
        assert last <= start < end <= len(text)
        last = end


def test_width_and_case_do_not_matter() -> None:
    def slots(text: str) -> list[int]:
        return [int(s) for _, found, _ in counts([text]) for s in found]

    assert slots("ＧＯＯＤ　quality") == slots("good quality")


def test_probabilities_add_up_and_learn(model: LinearModel) -> None:
    texts, labels = made_up(seed=9)
    given_ = model.predict(texts)
    assert given_.shape == (len(texts), 3)
    np.testing.assert_allclose(given_.sum(axis=1), 1)
    right = np.array([model.labels[place] for place in given_.argmax(axis=1)]) == np.array(labels)
    assert right.mean() > 0.7
    assert model.predict([]).shape == (0, 3)
    assert model.predict(["", "\ud800", "🎉"]).shape == (3, 3)


def test_the_same_rows_and_seed_give_the_same_model(tmp_path: Path) -> None:
    rows = made_up(count=200)
    first, second = tmp_path / "a.npz", tmp_path / "b.npz"
    LinearModel.fit(*rows, seed=4).save(first)
    LinearModel.fit(*rows, seed=4).save(second)
    assert LinearModel.load(first).card.hash == LinearModel.load(second).card.hash


@pytest.mark.parametrize("label", ["positive", "neutral", "negative"])
def test_reasons_add_up_to_the_margin(model: LinearModel, label: str) -> None:
    texts = ["质量很差，客服也不理人，但是物流很快", "Love it, fits perfectly", "质量质量质量好好好", "。。"]
    place = model.labels.index(label)
    bias = model.margins([""])[0]
    for text, heat, margin in zip(
        texts, model.heat(texts, np.full(len(texts), place)), model.margins(texts) - bias, strict=True
    ):
        assert len(heat) == len(text)
        assert heat.sum() == pytest.approx(margin[place] - margin.mean(), abs=1e-5)


def test_reasons_of_two_labels_add_up_to_the_margin() -> None:
    texts, labels = made_up(count=400)
    two = [(t, lab) for t, lab in zip(texts, labels, strict=True) if lab != "neutral"]
    model = LinearModel.fit([t for t, _ in two], [lab for _, lab in two])
    heat = model.heat(["质量很差"], np.array([1]))[0]
    assert heat.sum() == pytest.approx((model.margins(["质量很差"]) - model.margins([""]))[0, 1], abs=1e-5)
    assert model.explain("质量很差", "negative")[0].weight > 0 > model.explain("质量很差", "positive")[0].weight


def test_words_named_move_the_score_three_times_more_than_random_ones() -> None:
    model, rng = default_sentiment(), random.Random(1)
    texts, _ = made_up(count=150, seed=21)
    more, _ = made_up("en", count=150, seed=22)
    named = others = 0.0
    for text in texts + more:
        spots = words(text)
        label = model.labels[int(model.predict([text]).argmax())]
        best = next((s for s in model.explain(text, label) if s.weight > 0), None)
        if best is None or len(spots) < 4:
            continue
        drawn = rng.choice([spot for spot in spots if spot != (best.start, best.end)])
        place = model.labels.index(label)
        cuts = [text, text[: best.start] + text[best.end :], text[: drawn[0]] + text[drawn[1] :]]
        whole, without, without_random = model.margins(cuts)[:, place]
        named += whole - without
        others += abs(whole - without_random)
    assert named > 3 * others


def test_spans_quote_the_text(model: LinearModel) -> None:
    text = "这件ＤＲＥＳＳ质量很差，it's bad"
    for span in model.explain(text, "negative"):
        assert text[span.start : span.end] == span.text
    with pytest.raises(BadInput, match="furious"):
        model.explain(text, "furious")


def test_save_and_load_give_the_same_answers_and_the_card(model: LinearModel, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    model.save(path)
    again = LinearModel.load(path)
    texts, _ = made_up(seed=5, count=50)
    np.testing.assert_allclose(model.predict(texts), again.predict(texts), atol=5e-3)
    assert again.card.task == "sentiment" and len(again.card.hash) == 64
    assert again.card.data["texts"] == model.card.data["texts"]
    assert list(tmp_path.iterdir()) == [path]


def test_other_files_are_refused(model: LinearModel, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    for content in (b"", b"not a model", b"PK\x03\x04 neither"):
        path.write_bytes(content)
        with pytest.raises(BadInput, match=r"m\.npz"):
            LinearModel.load(path)
    with pytest.raises(BadInput):
        LinearModel.load(tmp_path / "none.npz")
    np.savez(path, head=np.array([{"kind": "linear"}], dtype=object))
    with pytest.raises(BadInput):  # a pickle inside is never opened
        LinearModel.load(path)
    write_model(path, {"kind": "other"}, {"a": np.zeros(3)})
    with pytest.raises(BadInput, match="another kind"):
        LinearModel.load(path)
    write_model(path, {"kind": "linear", "labels": ["a", "b"], "card": {}}, {"slots": np.zeros(3)})
    with pytest.raises(BadInput):
        LinearModel.load(path)


def test_altered_weights_are_refused(model: LinearModel, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    model.save(path)
    with np.load(path) as loaded:
        arrays = {name: loaded[name] for name in loaded.files}
    arrays["matrix"] = arrays["matrix"] * 2
    np.savez(path, **arrays)
    with pytest.raises(BadInput, match="damaged or altered"):
        LinearModel.load(path)


def test_a_failed_save_leaves_the_old_model(model: LinearModel, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be written"):
        model.save(tmp_path / "missing" / "m.npz")
    folder = tmp_path / "m.npz"
    folder.mkdir()
    with pytest.raises(OperatorError):
        model.save(folder)
    assert [entry.name for entry in tmp_path.iterdir()] == ["m.npz"]


def test_bad_rows_are_named() -> None:
    good = [f"文本 {number}" for number in range(12)]
    with pytest.raises(BadInput, match="at least two different labels"):
        LinearModel.fit(good, ["a"] * 12)
    with pytest.raises(BadInput, match="at least 10 different texts"):
        LinearModel.fit(["x", "y", "z"], ["a", "b", "a"])
    with pytest.raises(BadInput, match="at least 10 different texts"):
        LinearModel.fit(["same"] * 20, ["a", "b"] * 10)
    with pytest.raises(BadInput, match="12 labels"):
        LinearModel.fit(good, ["a"])
    with pytest.raises(BadInput):
        LinearModel.fit([], [])


def test_what_was_left_out_is_told() -> None:
    texts = [f"文本 {number}" for number in range(12)] + ["", "  ", "文本 0", "文本 1", "无标签"]
    labels = ["a", "b"] * 6 + ["a", "a", "b", "b", ""]
    kept = clean(texts, labels)
    assert len(kept.texts) == 12 and kept.labels[0] == "a"
    told = "; ".join(kept.warnings)
    for words_ in ("2 rows have no text", "1 rows have no label", "2 rows repeat", "1 texts carry different"):
        assert words_ in told


def test_a_long_text_costs_no_more_than_its_beginning(model: LinearModel) -> None:
    long = "质量很好。" * 250_000
    np.testing.assert_allclose(model.predict([long]), model.predict([long[:MAX_CHARACTERS]]))
    assert all(span.end <= MAX_CHARACTERS for span in model.explain(long, "positive", most=5000))
    assert sum(len(found.text) for found in occurrences([long])) < 10 * MAX_CHARACTERS


def test_a_repeat_is_never_on_both_sides() -> None:
    texts = ["很好!", "很好！", " 很好", "Very GOOD", "very good."]
    for seed in range(30):
        first, second, third, fourth, fifth = kept_aside(texts, 0.5, seed)
        assert first == second == third and fourth == fifth
    share = np.mean(kept_aside([f"t{n}" for n in range(4000)], 0.2))
    assert 0.17 < share < 0.23


@pytest.mark.parametrize(
    ("labels", "meant"),
    [
        (["1", "0"], ["positive", "negative"]),
        (["1", "-1", "0"], ["positive", "negative", "neutral"]),
        (["1", "3", "5"], ["negative", "neutral", "positive"]),
        (["好评", "差评", "中评", ""], ["positive", "negative", "neutral", ""]),
        (["Positive", " NEG "], ["positive", "negative"]),
    ],
)
def test_sentiments_in_many_spellings(labels: list[str], meant: list[str]) -> None:
    assert sentiments(labels) == meant


def test_a_label_without_meaning_names_its_row() -> None:
    with pytest.raises(BadInput, match="row 2, label"):
        sentiments(["positive", "purple"])


def test_many_labels() -> None:
    texts = [f"{word} number {number}" for word in ("refund", "track", "cancel", "size") for number in range(30)]
    labels = [text.split()[0] for text in texts]
    model = LinearModel.fit(texts, labels)
    given_ = model.predict(["where can I track it", "please cancel"])
    assert [model.labels[place] for place in given_.argmax(axis=1)] == ["track", "cancel"]


def test_the_shipped_model_judges_both_languages_and_says_its_sources() -> None:
    model = default_sentiment()
    cases = {
        "质量很差，用了两天就坏了": "negative",
        "非常好，孩子很喜欢，还会回购": "positive",
        "一般般，还行吧": "neutral",
        "Terrible quality, broke after one use": "negative",
        "Absolutely love it, fits perfectly": "positive",
    }
    given_ = model.predict(list(cases))
    assert [model.labels[place] for place in given_.argmax(axis=1)] == list(cases.values())
    assert "MIT" in json.dumps(model.card.data) and model.card.limits
