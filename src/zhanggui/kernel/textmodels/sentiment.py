"""The shipped judge of praise and complaint in Chinese and English, for shops that have no model of their own yet.

`evals/default_sentiment.py` trains it, on made-up reviews and openly licensed ones only; its card names them.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from zhanggui.kernel.textmodels.compose import compose, read_lexicon
from zhanggui.kernel.textmodels.hashing import language
from zhanggui.kernel.textmodels.labels import NEGATIVE, NEUTRAL, POSITIVE, clean
from zhanggui.kernel.textmodels.linear import LinearModel
from zhanggui.kernel.types import JsonObject, Locale

DATA: Final = Path(__file__).with_name("data")
DEFAULT_FILE: Final = DATA / "sentiment.npz"
LEXICONS: Final[Mapping[Locale, Path]] = {"zh-CN": DATA / "sentiment_zh.txt", "en": DATA / "sentiment_en.txt"}
TASK: Final = "sentiment"
COMPOSED_SHARE: Final = 3  # one made-up English review for so many of the shop's own
_MOST_COMPOSED: Final = 8000
# The shipped model calls text neutral too readily: from this confidence on it calls as much neutral as is (measured on
# training rows of a set with three labels), and only then it is told as neutral.
NEUTRAL_FROM: Final = 0.8
SENTIMENTS: Final[Mapping[str, float]] = {POSITIVE: 1.0, NEUTRAL: 0.5, NEGATIVE: 0.0}


@cache
def default_sentiment() -> LinearModel:
    """The shipped model; labels negative, neutral, positive.

    Raises:
        BadInput: the installation's file is damaged.
    """
    return LinearModel.load(DEFAULT_FILE)


def fit_sentiment(
    texts: Sequence[str], labels: Sequence[str], *, seed: int = 0, warn: Callable[[str], None] | None = None
) -> LinearModel:
    """A linear judge of the shop's own reviews that also knows the common words of other shops' goods.

    English rows are joined by a third as many made-up reviews: a judge of clothes then also reads reviews of other
    goods, at no loss on clothes. Chinese rows are not: they lost a little by it (measured on training rows).

    Raises:
        BadInput: fewer than ten different texts, or fewer than two labels.
    """
    kept = clean(texts, labels)
    for words in kept.warnings if warn is not None else ():
        if warn is not None:
            warn(words)
    english = sum(language(text) == "en" for text in kept.texts)
    made, moods = compose(read_lexicon(LEXICONS["en"], "en"), min(english // COMPOSED_SHARE, _MOST_COMPOSED), seed)
    known = set(kept.labels)
    more = [(text, mood) for text, mood in zip(made, moods, strict=True) if mood in known]
    all_texts, all_labels = [*kept.texts, *(text for text, _ in more)], [*kept.labels, *(mood for _, mood in more)]
    model = LinearModel.fit(all_texts, all_labels, seed=seed, task=TASK)
    own: JsonObject = {"rows": len(texts), "texts": len(kept.texts), "labels": dict(Counter(kept.labels))}
    return model.described(data={**own, "made_up": len(more)})


def train_default(texts: Sequence[str], labels: Sequence[str], *, composed: int = 16_000, seed: int = 0) -> LinearModel:
    """The shipped model from reviews given here and `composed` made-up ones of each language."""
    texts, labels = list(texts), list(labels)
    for locale, path in LEXICONS.items():
        made, moods = compose(read_lexicon(path, locale), composed, seed)
        texts += made
        labels += moods
    return LinearModel.fit(texts, labels, seed=seed, task=TASK)
