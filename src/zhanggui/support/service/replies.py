"""Which of some replies fits a conversation: trees over evidence from past exchanges, ranked within each list."""

import random
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.errors import BadInput
from zhanggui.support.models.replies import Case, Choice, Exchange, Ranking
from zhanggui.support.rules.replies import cases as cases_of
from zhanggui.support.rules.replies import dialogues, fold_context, fold_turn
from zhanggui.support.service.reply_features import Evidence
from zhanggui.support.service.textvectors import TextVectors

Floats = npt.NDArray[np.float64]
FEWEST: Final = 40
_FOLDS: Final = 3
_LISTS: Final = 3_000  # lists of one right and nine wrong replies that the trees learn from
_WRONG: Final = 9
_SAID: Final = 0.15  # share of wrong replies drawn as often as they are said; the others are different texts
_ROUNDS: Final = 300
_TREES: dict[str, Any] = {
    "objective": "lambdarank",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": 7,
}


class ReplyRanker:
    """A ranker learnt from a shop's own exchanges. Make one by `fit`."""

    def __init__(self, evidence: Evidence, trees: Any) -> None:
        self._evidence, self._trees = evidence, trees

    @classmethod
    def fit(cls, exchanges: Sequence[Exchange], *, seed: int = 0) -> "ReplyRanker":
        """Learn from exchanges; the same ones and seed give the same ranker.

        The trees see each case by evidence from other dialogues only (cross-fitting), so what they trust is what holds
        for dialogues that nobody has seen.

        Raises:
            BadInput: fewer than 40 different cases.
        """
        found = cases_of(exchanges, dialogues(exchanges))
        if len(found) < FEWEST:
            raise BadInput(field="train", expected=f"at least {FEWEST} different replies", found=str(len(found)))
        offered = sorted({case.reply for case in found} | {text for one in exchanges for text in one.wrong})
        draw = random.Random(seed)  # noqa: S311 - a reproducible sample, no secret
        fold = {number: draw.randrange(_FOLDS) for number in sorted({case.dialogue for case in found})}
        features: list[Floats] = []
        for part in range(_FOLDS):
            seen = [case for case in found if fold[case.dialogue] != part]
            asked = [case for case in found if fold[case.dialogue] == part]
            if not seen or not asked:
                continue
            asked = draw.sample(asked, min(len(asked), _LISTS // _FOLDS))
            choices = _lists(asked, offered, found, draw)
            features.extend(relative(rows) for rows in Evidence(seen, offered).of(choices))
        return cls(Evidence(found, offered), _trees(features, seed))

    def rank(self, choices: Sequence[Choice]) -> list[Ranking]:
        """A ranking for each choice; equal scores keep the order given."""
        folded = [Choice(fold_context(one.context), tuple(map(fold_turn, one.candidates))) for one in choices]
        rankings: list[Ranking] = []
        for rows in self._evidence.of(folded):
            scores: Floats = self._trees.predict(relative(rows), num_threads=1) if len(rows) else np.zeros(0)
            rankings.append(ranked(scores))
        return rankings


def ranked(scores: Floats) -> Ranking:
    """Places by falling score."""
    order = np.argsort(-scores, kind="stable")
    return Ranking(tuple(int(place) for place in order), tuple(round(float(score), 6) for score in scores))


def relative(rows: Floats) -> Floats:
    """Features with, beside each, its distance from the list's mean in deviations, and from the list's best."""
    if not len(rows):
        return np.zeros((0, rows.shape[1] * 3))
    return np.hstack((rows, (rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-6), rows - rows.max(axis=0)))


def _lists(asked: Sequence[Case], offered: Sequence[str], found: Sequence[Case], draw: random.Random) -> list[Choice]:
    """For each case its reply, first, and nine others."""
    choices: list[Choice] = []
    for case in asked:
        others: dict[str, None] = {}
        for _ in range(_WRONG * 20):
            other = draw.choice(found).reply if draw.random() < _SAID else draw.choice(offered)
            if other != case.reply:
                others[other] = None
            if len(others) == _WRONG:
                break
        choices.append(Choice(case.context, (case.reply, *others)))
    return choices


def _trees(features: Sequence[Floats], seed: int) -> Any:
    # LightGBM takes a second to import and has no types: whoever does not rank waits for it not.
    boosting: Any = import_module("lightgbm")
    rows = np.vstack(features)
    right = np.concatenate([np.arange(len(own)) == 0 for own in features]).astype(np.float64)
    data = boosting.Dataset(rows, right, group=[len(own) for own in features], free_raw_data=True)
    return boosting.train({**_TREES, "seed": seed + 7}, data, num_boost_round=_ROUNDS)


class PlainReplies:
    """A ranker that learnt from no exchanges: words shared with the conversation, and a fitting length.

    Of replies that share nothing with what was asked the short ones are the safer ones (thanks, yes, one moment).
    """

    def rank(self, choices: Sequence[Choice]) -> list[Ranking]:
        """A ranking for each choice; equal scores keep the order given."""
        return [ranked(_plain(choice)) for choice in choices]


def _plain(choice: Choice) -> Floats:
    candidates = [fold_turn(text) for text in choice.candidates]
    context = fold_context(choice.context)
    vectors = TextVectors([*context, *candidates])
    rows = vectors.rows(candidates)
    last = vectors.rows([context[-1] if context else ""])
    before = vectors.rows(["\n".join(context[:-1])])
    shared = (rows @ last.T).toarray().ravel() + 0.5 * (rows @ before.T).toarray().ravel()
    again = np.array([float(text in context) for text in candidates])
    return np.asarray(shared - 0.1 * np.log1p([len(text) for text in candidates]) - again, dtype=np.float64)
