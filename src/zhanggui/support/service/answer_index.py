"""The knowledge of one shop made ready for questions: three ways to candidates, then features of each."""

import math
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zhanggui.kernel.retrieval import Vectors
from zhanggui.support.models.answers import Candidate
from zhanggui.support.models.knowledge import Passage
from zhanggui.support.rules.answer_deciding import DecisionModel, best_first, chance, second_row
from zhanggui.support.rules.answer_matching import Question, Readied, features, ready
from zhanggui.support.rules.answer_words import concepts, content_words
from zhanggui.support.service.answer_vectors import AnswerVectors

DEPTH = 12  # candidates that each way gives
FEW = 100  # so few passages are all candidates
_KEPT = 4096
_COMMON = 2000  # words in more passages than this find nothing by themselves
_TITLE_SHOWN = 200
_MANY = 20_000  # rows from which a shortlist is drawn
_SAMPLE = 8_000
_AXES = 64
_SHORTLIST = 400


class AnswerIndex:
    """Passages with their vectors and words in memory; nothing changes after it was built."""

    def __init__(self, passages: Sequence[Passage], vectors: AnswerVectors) -> None:
        self.passages = tuple(passages)
        self.vectors = vectors
        titles = [one.title or one.text[:_TITLE_SHOWN] for one in self.passages]
        self._titles, self._wholes = vectors.passages(titles, [one.whole for one in self.passages])
        self._near_titles, self._near_wholes = Nearest(self._titles), Nearest(self._wholes)
        self._postings: dict[str, list[int]] = defaultdict(list)
        counts: Counter[str] = Counter()
        for place, one in enumerate(self.passages):
            words = set(content_words(one.whole)) | {f"={name}" for name in concepts(titles[place])}
            counts.update(words)
            for word in words:
                self._postings[word].append(place)
        top = math.log(1 + len(self.passages)) or 1.0
        self.rarity = {
            word: max(0.1, math.log((1 + len(self.passages)) / (0.5 + count)) / top) for word, count in counts.items()
        }
        self._readied: OrderedDict[int, Readied] = OrderedDict()

    def __len__(self) -> int:
        return len(self.passages)

    def rank(self, question: Question, model: DecisionModel) -> tuple[list[Candidate], float]:
        """Candidates, best first (`sure` is the chance of each pair), and the chance that the best one answers."""
        places = self.candidates(question)
        if not places:
            return [], 0.0
        rows = self.rows(question, places)
        logits = model.pair.logits(rows)
        order = best_first(logits, rows)
        ranked = [
            Candidate(self.passages[places[int(at)]], chance(float(logits[at])), tuple(map(float, rows[at])))
            for at in order
        ]
        whole = second_row(rows, logits, order, self.rivals(places, order))
        return ranked, chance(float(model.whole.logits(whole[None, :])[0]))

    def candidates(self, question: Question) -> list[int]:
        """Places of passages that may answer: nearest titles, nearest passages, most of the rarest words."""
        if len(self.passages) <= FEW:
            return list(range(len(self.passages)))
        found = [*self._near_titles.find(question.vector), *self._near_wholes.find(question.vector)]
        return list(dict.fromkeys([*found, *self._by_words(question)]))

    def rows(self, question: Question, places: Sequence[int]) -> NDArray[np.float64]:
        """Features of candidates; shape (candidates, features)."""
        readied = [self._ready(place) for place in places]
        # Only the question's own words are worth the time of embedding them now.
        table = self.vectors.table(question.words[:40])
        return features(question, readied, self.rarity, table)

    def rivals(self, places: Sequence[int], order: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places in `order` of the candidates that say something else than the best one."""
        best = self.passages[places[int(order[0])]]
        others = [
            at for at in range(1, len(order)) if not same_words(best.text, self.passages[places[int(order[at])]].text)
        ]
        return np.asarray(others, dtype=np.int64)

    def _by_words(self, question: Question) -> list[int]:
        scores: dict[int, float] = defaultdict(float)
        for word in (*question.words, *(f"={name}" for name in question.concepts)):
            places = self._postings.get(word, ())
            if len(places) > _COMMON:
                continue
            for place in places:
                scores[place] += self.rarity[word]
        return sorted(scores, key=lambda place: (-scores[place], place))[:DEPTH]

    def _ready(self, place: int) -> Readied:
        held = self._readied.get(place)
        if held is None:
            one = self.passages[place]
            held = ready(one, self._titles[place], self._wholes[place], self.vectors.background)
            self._readied[place] = held
            while len(self._readied) > _KEPT:
                self._readied.popitem(last=False)
        return held


def same_words(first: str, second: str) -> bool:
    """Whether two texts say nearly the same, by their content words (Jaccard at least .8)."""
    a, b = set(content_words(first)), set(content_words(second))
    return len(a & b) >= 0.8 * max(1, len(a | b))


class Nearest:
    """The rows nearest to a vector: exact where they are few; of many, exact among the best along the main axes."""

    def __init__(self, rows: Vectors) -> None:
        self._rows = rows
        self._axes = self._short = np.zeros((0, 0), dtype=np.float32)
        if len(rows) > _MANY:
            sample = rows[:: max(1, len(rows) // _SAMPLE)]
            centred = sample - sample.mean(axis=0)
            # Principal axes by the covariance's eigenvectors, largest last (Pearson 1901).
            _, axes = np.linalg.eigh(centred.T @ centred)
            self._axes = np.ascontiguousarray(axes[:, -_AXES:], dtype=np.float32)
            self._short = rows @ self._axes

    def find(self, vector: Vectors) -> list[int]:
        """Places of the `DEPTH` nearest rows, best first; ties by place."""
        if not len(self._short):
            return _best(self._rows @ vector)
        rough = self._short @ (self._axes.T @ vector)
        kept = np.sort(np.argpartition(-rough, _SHORTLIST)[:_SHORTLIST])
        return [int(kept[at]) for at in _best(self._rows[kept] @ vector)]


def _best(cosines: Vectors) -> list[int]:
    if len(cosines) <= DEPTH:
        return list(range(len(cosines)))
    best = np.argpartition(-cosines, DEPTH)[:DEPTH]
    return [int(place) for place in best[np.lexsort((best, -cosines[best]))]]
