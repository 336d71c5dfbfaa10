"""The shipped judge of praise and complaint in Chinese and English, for shops that have no model of their own yet.

`evals/default_sentiment.py` trains it, on made-up reviews and openly licensed ones only; its card names them.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from zhanggui.kernel.textmodels.compose import compose, read_lexicon
from zhanggui.kernel.textmodels.labels import NEGATIVE, NEUTRAL, POSITIVE
from zhanggui.kernel.textmodels.linear import LinearModel
from zhanggui.kernel.types import Locale

DATA: Final = Path(__file__).with_name("data")
DEFAULT_FILE: Final = DATA / "sentiment.npz"
LEXICONS: Final[Mapping[Locale, Path]] = {"zh-CN": DATA / "sentiment_zh.txt", "en": DATA / "sentiment_en.txt"}
SENTIMENTS: Final[Mapping[str, float]] = {POSITIVE: 1.0, NEUTRAL: 0.5, NEGATIVE: 0.0}


@cache
def default_sentiment() -> LinearModel:
    """The shipped model; labels negative, neutral, positive.

    Raises:
        BadInput: the installation's file is damaged.
    """
    return LinearModel.load(DEFAULT_FILE)


def train_default(texts: Sequence[str], labels: Sequence[str], *, composed: int = 16_000, seed: int = 0) -> LinearModel:
    """The shipped model from reviews given here and `composed` made-up ones of each language."""
    texts, labels = list(texts), list(labels)
    for locale, path in LEXICONS.items():
        made, moods = compose(read_lexicon(path, locale), composed, seed)
        texts += made
        labels += moods
    return LinearModel.fit(texts, labels, seed=seed, task="sentiment")
