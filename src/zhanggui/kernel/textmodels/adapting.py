"""The shipped judge of sentiment, fitted to the texts at hand without any label: self-training.

Texts of which the shipped model is surest teach a model of the shop's own words (Yarowsky 1995; with a linear learner
Nigam et al. 2000), which then judges all of them. It needs many texts, and both praise and complaint among them.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.hashing import language
from zhanggui.kernel.textmodels.labels import NEGATIVE, POSITIVE, clean
from zhanggui.kernel.textmodels.linear import LinearModel
from zhanggui.kernel.textmodels.model import Floats, WeightedSpan
from zhanggui.kernel.types import Locale

FEWEST: Final = 500  # different texts of a language
_SURE: Final = 0.8  # share of texts that teach
_LEAST_SHARE: Final = 0.1  # of the rarer side among them
_LOCALES: Final[tuple[Locale, ...]] = ("zh-CN", "en")


class Adapted:
    """The shipped model with, for each language that had enough texts, a model of their words for praise and blame.

    What the shipped model says of neutral stays; praise and blame share the rest as the newer model says.
    """

    def __init__(self, base: LinearModel, own: dict[Locale, LinearModel]) -> None:
        self.labels, self._base, self._own = base.labels, base, own

    @property
    def languages(self) -> tuple[Locale, ...]:
        """Languages that were adapted to."""
        return tuple(self._own)

    def predict(self, texts: Sequence[str]) -> Floats:
        """Probabilities, [texts, labels]."""
        given = self._base.predict(texts)
        good, bad = self.labels.index(POSITIVE), self.labels.index(NEGATIVE)
        for locale, own in self._own.items():
            places = [place for place, text in enumerate(texts) if language(text) == locale]
            if places:
                rest = given[places, good] + given[places, bad]
                praise = own.predict([texts[place] for place in places])[:, own.labels.index(POSITIVE)]
                given[places, good], given[places, bad] = rest * praise, rest * (1 - praise)
        return given

    def explain_many(
        self, texts: Sequence[str], labels: Sequence[str], *, most: int = 8
    ) -> list[tuple[WeightedSpan, ...]]:
        """The words that spoke for each text's label, by the model that judged it."""
        found = self._base.explain_many(texts, labels, most=most)
        for locale, own in self._own.items():
            places = [
                place for place, (text, label) in enumerate(zip(texts, labels, strict=True))
                if label in own.labels and language(text) == locale
            ]  # fmt: skip
            reasons = own.explain_many(
                [texts[place] for place in places], [labels[place] for place in places], most=most
            )
            for place, reason in zip(places, reasons, strict=True):
                found[place] = reason
        return found


def adapted(base: LinearModel, texts: Sequence[str], *, seed: int = 0) -> Adapted:
    """Fit to these texts; a language with fewer than 500 different texts, or with hardly any praise or hardly any
    complaint, keeps the shipped model. The same texts give the same model."""
    own: dict[Locale, LinearModel] = {}
    for locale in _LOCALES:
        model = _taught(base, [text for text in texts if language(text) == locale], seed)
        if model is not None:
            own[locale] = model
    return Adapted(base, own)


def _taught(base: LinearModel, texts: Sequence[str], seed: int) -> LinearModel | None:
    if len(texts) < FEWEST:
        return None
    given = np.log(base.predict(texts) + 1e-6)
    margin = given[:, base.labels.index(POSITIVE)] - given[:, base.labels.index(NEGATIVE)]
    surest = np.argsort(-np.abs(margin), kind="stable")[: int(len(texts) * _SURE)]
    moods = [POSITIVE if margin[place] > 0 else NEGATIVE for place in surest]
    try:
        kept = clean([texts[int(place)] for place in surest], moods)
    except BadInput:  # all one mood, or all the same text
        return None
    praise = kept.labels.count(POSITIVE) / len(kept.labels)
    if len(kept.texts) < FEWEST * _SURE or not _LEAST_SHARE <= praise <= 1 - _LEAST_SHARE:
        return None
    return LinearModel.fit(kept.texts, kept.labels, seed=seed, task="sentiment")
