"""Self-training on unlabelled texts: learns the shop's own words, and leaves alone what it cannot learn from."""

import numpy as np

from zhanggui.kernel.textmodels import adapted, default_sentiment, fit_sentiment
from zhanggui.kernel.textmodels.compose import compose, read_lexicon
from zhanggui.kernel.textmodels.sentiment import LEXICONS


def reviews(count: int = 900) -> tuple[list[str], list[str]]:
    """Made-up reviews without the neutral ones; praise comes with 呱呱, complaint with 哒哒, words nobody knows."""
    texts, moods = compose(read_lexicon(LEXICONS["zh-CN"], "zh-CN"), count, 11)
    kept = [(text, mood) for text, mood in zip(texts, moods, strict=True) if mood != "neutral"]
    return [f"{text}{'呱呱' if mood == 'positive' else '哒哒'}" for text, mood in kept], [mood for _, mood in kept]


def test_words_that_only_this_shop_uses_are_learnt() -> None:
    base, (texts, _) = default_sentiment(), reviews()
    model = adapted(base, texts)
    assert model.languages == ("zh-CN",)
    good = model.labels.index("positive")
    asked = ["呱呱呱呱", "哒哒哒哒"]
    before, after = base.predict(asked)[:, good], model.predict(asked)[:, good]
    assert after[0] - after[1] > 0.5 > before[0] - before[1]
    assert "呱" in model.explain_many(asked[:1], ["positive"])[0][0].text
    np.testing.assert_allclose(model.predict(texts[:20]).sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(texts[:20]), adapted(base, texts).predict(texts[:20]))
    np.testing.assert_array_equal(model.predict(["Love it"]), base.predict(["Love it"]))


def test_too_few_texts_one_mood_or_one_text_keep_the_shipped_model() -> None:
    base, (texts, moods) = default_sentiment(), reviews()
    praise = [text for text, mood in zip(texts, moods, strict=True) if mood == "positive"]
    only_praise = [f"非常好，非常满意，强烈推荐 {number} {praise[0]}" for number in range(600)]
    for some in ([], texts[:400], ["质量很好"] * 900, only_praise, [" "] * 900):
        assert adapted(base, some).languages == ()


def test_english_rows_of_a_shop_are_joined_by_made_up_ones() -> None:
    texts, moods = compose(read_lexicon(LEXICONS["en"], "en"), 60, 5)
    model = fit_sentiment([f"{text} {number}" for number, text in enumerate(texts)], moods)
    assert model.card.data["rows"] == 60 and 0 < model.card.data["made_up"] <= 20
    zh, moods = compose(read_lexicon(LEXICONS["zh-CN"], "zh-CN"), 60, 5)
    assert fit_sentiment(zh, moods).card.data["made_up"] == 0
