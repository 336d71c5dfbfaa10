"""How well a passage answers a question: features of the pair, from words, concepts, letters and meaning. Pure.

Cosines of the bundled model crowd together, so each is read against what questions about anything at all would get from
the same passage (`Background`), after the idea of cross-domain similarity local scaling (Conneau et al. 2018).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zhanggui.kernel.types import Locale
from zhanggui.support.models.knowledge import Passage
from zhanggui.support.rules.answer_words import (
    LONGEST_QUESTION,
    concepts,
    content_words,
    has_number,
    pairs_of_letters,
    wants_number,
)

Vectors = NDArray[np.float32]
FEATURES = (
    "title_cosine", "passage_cosine", "title_z", "passage_z", "question_covered", "question_covered_by_title",
    "title_covered", "worst_uncovered", "question_words_found", "title_words_found", "letters", "concepts_both",
    "concepts_only_asked", "concepts_only_told", "other_language", "words_asked", "rarest_found", "concepts_in_text",
    "number_missing", "phrasings_alike", "phrasings_shared", "phrasings_near",
    "taught_shared", "taught_near", "taught_alike", "title_place", "passage_place",
)  # fmt: skip
_PEAK = 0.08  # temperature of the softmax over matters
_TAUGHT_PEAK = 0.07
_TEACHING = 1.0  # ridge penalty
_SOFT_FROM, _SOFT_TO = 0.3, 0.55
_FOREIGN_FROM, _FOREIGN_TO = 0.2, 0.45


class Background(NamedTuple):
    """What ships with the package to read cosines against.

    Attributes:
        questions: questions about anything at all; unit rows of one language.
        words: mean vector of single words, shape (dimensions,), per script.
        phrases: ways in which customers put what they want, centred unit rows; `matters` names the matter of each.
        taught: what a question is about, learnt from the phrases (`teach`); shape (dimensions, matters).
    """

    questions: Mapping[Locale, Vectors]
    words: Mapping[Locale, Vectors]
    phrases: Vectors
    matters: NDArray[np.int64]
    taught: Vectors

    def taught_by(self, vector: Vectors, locale: Locale) -> NDArray[np.float64]:
        """How much a question or title is about each matter, as learnt from all phrasings; shape (matters,)."""
        return np.asarray(self.centred(vector, locale) @ self.taught, dtype=np.float64)

    def centred(self, vector: Vectors, locale: Locale) -> Vectors:
        """A question's or title's unit vector without what all questions of its language share."""
        bare = vector - self.questions[locale].mean(axis=0)
        return np.asarray(bare / max(1e-9, float(np.linalg.norm(bare))), dtype=np.float32)

    def affinities(self, vector: Vectors, locale: Locale) -> NDArray[np.float64]:
        """How near a question or title is to each matter: the best cosine among its phrasings; shape (matters,)."""
        near = np.zeros(int(self.matters.max(initial=-1)) + 1)
        np.maximum.at(near, self.matters, self.phrases @ self.centred(vector, locale))
        return near


def teach(phrases: Vectors, matters: NDArray[np.int64]) -> tuple[Vectors, NDArray[np.float64]]:
    """A linear map from a centred unit row to matters, by ridge regression on one-hot matters (Hoerl and Kennard 1970).

    Matters with one phrasing only share the last column: they are what nothing here is about.

    Returns:
        The map, shape (dimensions, matters + 1), and what it would say of each phrase had it not seen it, by the
        hat matrix; shape (phrases, matters + 1).
    """
    counts = np.bincount(matters, minlength=1)
    columns = np.where(counts[matters] > 1, matters, len(counts))
    told = np.zeros((len(phrases), len(counts) + 1))
    told[np.arange(len(phrases)), columns] = 1
    rows = phrases.astype(np.float64)
    inverse = np.linalg.inv(rows.T @ rows + _TEACHING * np.eye(rows.shape[1]))
    weights = inverse @ rows.T @ told
    leverage = np.einsum("ij,jk,ik->i", rows, inverse, rows, optimize=True)[:, None]
    return np.asarray(weights, dtype=np.float32), (rows @ weights - leverage * told) / (1 - leverage)


class WordTable(NamedTuple):
    """Centred unit vectors of words; words without one count only where they stand to the letter."""

    vectors: Mapping[str, Vectors]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, read once: its words, its vector and the place that its language has in the background."""

    text: str
    locale: Locale
    words: tuple[str, ...]
    concepts: frozenset[str]
    letters: frozenset[str]
    vector: Vectors
    wants_number: bool
    affinities: NDArray[np.float64]
    taught: NDArray[np.float64]

    @classmethod
    def read(cls, text: str, locale: Locale, vector: Vectors, background: Background) -> "Question":
        """Split a question; `vector` is its unit vector as a query."""
        return cls(
            text,
            locale,
            content_words(text),
            concepts(text),
            pairs_of_letters(text),
            vector,
            wants_number(text),
            background.affinities(vector, locale),
            background.taught_by(vector, locale),
        )


@dataclass(frozen=True, slots=True)
class Readied:
    """A passage, read once.

    Attributes:
        title_vector, passage_vector: unit vectors (title as a query, whole as a passage).
        title_ground, passage_ground: mean and spread of the cosines that background questions get, per language.
    """

    passage: Passage
    words: frozenset[str]
    title_words: tuple[str, ...]
    concepts: frozenset[str]
    letters: frozenset[str]
    title_vector: Vectors
    passage_vector: Vectors
    title_ground: Mapping[Locale, tuple[float, float]]
    passage_ground: Mapping[Locale, tuple[float, float]]
    told: frozenset[str]
    has_number: bool
    affinities: NDArray[np.float64]
    taught: NDArray[np.float64]


def ready(passage: Passage, title_vector: Vectors, passage_vector: Vectors, background: Background) -> Readied:
    """Read a passage once, for all questions."""
    title = passage.title or passage.text[:200]
    return Readied(
        passage,
        frozenset(content_words(passage.whole)),
        content_words(title),
        concepts(title),
        pairs_of_letters(title),
        title_vector,
        passage_vector,
        {locale: _ground(title_vector, rows) for locale, rows in background.questions.items()},
        {locale: _ground(passage_vector, rows) for locale, rows in background.questions.items()},
        concepts(passage.whole[:LONGEST_QUESTION]),
        has_number(passage.text),
        background.affinities(title_vector, passage.locale),
        background.taught_by(title_vector, passage.locale),
    )


def _ground(vector: Vectors, questions: Vectors) -> tuple[float, float]:
    cosines = questions @ vector
    return float(cosines.mean()), max(1e-3, float(cosines.std()))


def features(
    question: Question, candidates: Sequence[Readied], rarity: Mapping[str, float], table: WordTable
) -> NDArray[np.float64]:
    """One row of `FEATURES` for each candidate passage of a question.

    Args:
        rarity: weight 0..1 of each word of the knowledge; words it does not know are as rare as can be (1).
        table: vectors of words, for words that mean the same.
    """
    rows = np.zeros((len(candidates), len(FEATURES)))
    for row, one in zip(rows, candidates, strict=True):
        row[:] = _pair(question, one, rarity, table)
    for place, column in ((-2, 2), (-1, 3)):
        if len(candidates) > 0:
            rows[:, place] = 1 / (1 + np.argsort(np.argsort(-rows[:, column])))
    return rows


def _pair(question: Question, one: Readied, rarity: Mapping[str, float], table: WordTable) -> tuple[float, ...]:
    title_mean, title_spread = one.title_ground[question.locale]
    passage_mean, passage_spread = one.passage_ground[question.locale]
    title = float(question.vector @ one.title_vector)
    whole = float(question.vector @ one.passage_vector)
    foreign = one.passage.locale != question.locale
    weights = [rarity.get(word, 1.0) for word in question.words]
    found = _found(question.words, one.words, foreign, table)
    in_title = _found(question.words, frozenset(one.title_words), foreign, table)
    told = [rarity.get(word, 1.0) for word in one.title_words]
    heard = _found(one.title_words, frozenset(question.words), foreign, table)
    exact = [float(word in one.words) for word in question.words]
    exact_title = [float(word in one.title_words) for word in question.words]
    both = question.concepts & one.concepts
    return (
        title - title_mean,
        whole - passage_mean,
        (title - title_mean) / title_spread,
        (whole - passage_mean) / passage_spread,
        _share(weights, found),
        _share(weights, in_title),
        _share(told, heard),
        max((weight * (1 - has) for weight, has in zip(weights, found, strict=True)), default=0.0),
        _share(weights, exact),
        _share(weights, exact_title),
        2 * len(question.letters & one.letters) / max(1, len(question.letters) + len(one.letters)),
        float(len(both)),
        float(len(question.concepts - one.concepts)),
        float(len(one.concepts - question.concepts)),
        float(foreign),
        min(12.0, float(len(question.words))),
        max((weight * has for weight, has in zip(weights, exact, strict=True)), default=0.0),
        float(len(question.concepts & one.told)) / max(1, len(question.concepts)),
        float(question.wants_number and not one.has_number),
        *_by_phrasings(question.affinities, one.affinities),
        *_by_teaching(question.taught, one.taught),
        0.0,
        0.0,
    )


def _by_phrasings(asked: NDArray[np.float64], told: NDArray[np.float64]) -> tuple[float, float, float]:
    """(likeness of the two profiles over all matters, the matter that both mean, nearness to what the title means).

    Known phrasings bridge two wordings that share nothing, as concepts do in explicit semantic analysis
    (Gabrilovich and Markovitch 2007).
    """
    if not len(asked):
        return 0.0, 0.0, 0.0
    a, b = asked - asked.mean(), told - told.mean()
    alike = float(a @ b / max(1e-9, float(np.linalg.norm(a) * np.linalg.norm(b))))
    shared = float((_peaked(asked) * _peaked(told)).sum())
    return alike, shared, float(asked[int(told.argmax())])


def _by_teaching(asked: NDArray[np.float64], told: NDArray[np.float64]) -> tuple[float, float, float]:
    """(overlap of what both are about, how much the question is about the title's matter, likeness of profiles)."""
    if not len(asked):
        return 0.0, 0.0, 0.0
    a, b = asked - asked.mean(), told - told.mean()
    alike = float(a @ b / max(1e-9, float(np.linalg.norm(a) * np.linalg.norm(b))))
    shared = float(np.sqrt(_peaked(asked, _TAUGHT_PEAK)) @ np.sqrt(_peaked(told, _TAUGHT_PEAK)))
    return shared, float(asked[int(told.argmax())]), alike


def _peaked(near: NDArray[np.float64], peak: float = _PEAK) -> NDArray[np.float64]:
    raised = np.exp((near - near.max()) / peak)
    return np.asarray(raised / raised.sum(), dtype=np.float64)


def _share(weights: Sequence[float], has: Sequence[float]) -> float:
    whole = sum(weights)
    return sum(weight * one for weight, one in zip(weights, has, strict=True)) / whole if whole else 0.0


def _found(words: Sequence[str], among: frozenset[str], foreign: bool, table: WordTable) -> list[float]:
    """How far each word stands among others (1 to the letter), by the nearest meaning."""
    missing = [word for word in words if word not in among and word in table.vectors]
    others = [table.vectors[word] for word in among if word in table.vectors]
    near: dict[str, float] = {}
    if missing and others:
        low, high = (_FOREIGN_FROM, _FOREIGN_TO) if foreign else (_SOFT_FROM, _SOFT_TO)
        best = (np.stack([table.vectors[word] for word in missing]) @ np.stack(others).T).max(axis=1)
        near = {
            word: float(np.clip((cosine - low) / (high - low), 0, 1))
            for word, cosine in zip(missing, best, strict=True)
        }
    return [1.0 if word in among else near.get(word, 0.0) for word in words]
