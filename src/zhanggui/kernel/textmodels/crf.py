"""A linear-chain conditional random field (Lafferty et al. 2001) on numpy: batched forward-backward, AdaGrad, Viterbi.

Sequences of different lengths are laid out by time step with the longest first, so one step of all sequences is one
small matrix product and nothing is padded.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix  # pyright: ignore[reportMissingTypeStubs] - scipy ships none

_CSR: Any = csr_matrix  # scipy ships no types
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the tokens of each time step stand: `steps[t]` holds the flat token numbers of step t, longest first."""

    steps: tuple[Ints, ...]
    starts: Ints
    lengths: Ints


@dataclass(frozen=True, slots=True)
class Weights:
    """A trained field: `emission` [features, labels] (row 0, for unknown features, is zero), `transition` [labels,
    labels] from the row's label to the column's, `initial` [labels]."""

    emission: Singles
    transition: Floats
    initial: Floats


@dataclass(frozen=True, slots=True)
class Schedule:
    """How to train: AdaGrad (Duchi et al. 2011) over mini-batches, feature drop-out, weights averaged over late epochs.

    `first_square` is what the sum of squared gradients starts from: a high value keeps features seen once small.
    """

    epochs: int = 8
    batch: int = 64
    rate: float = 0.3
    first_square: float = 20.0
    l2: float = 0.5
    dropout: float = 0.2


@dataclass(frozen=True, slots=True)
class Expected:
    """What the field expects of a batch: `log_z` summed over its sequences, `tokens` [tokens, labels] marginals,
    `pairs` [labels, labels] expected transitions and `first` [labels] expected first labels."""

    log_z: float
    tokens: Floats
    pairs: Floats
    first: Floats


def lay_out(lengths: Ints) -> Layout:
    """The layout of sequences that stand one after another in a flat array. Every length is at least 1."""
    order = np.argsort(-lengths, kind="stable")
    starts = (np.cumsum(lengths) - lengths)[order]
    sizes = lengths[order]
    reach = np.searchsorted(-sizes, -np.arange(int(sizes[0]) if len(sizes) else 0), side="left")
    return Layout(tuple(starts[:count] + step for step, count in enumerate(reach)), starts, sizes)


def expected(emission: Floats, transition: Floats, initial: Floats, layout: Layout) -> Expected:
    """Forward-backward with scaling (Rabiner 1989). `emission` is [tokens, labels] log-scores."""
    steps = layout.steps
    highest = emission.max(axis=1)
    local = np.exp(emission - highest[:, None])
    moves = np.exp(transition)
    forward, scale = np.empty_like(local), np.empty(len(local))
    state = local[steps[0]] * np.exp(initial)
    for at, places in enumerate(steps):
        if at:
            state = (state[: len(places)] @ moves) * local[places]
        scale[places] = total = state.sum(axis=1)
        state = state / total[:, None]
        forward[places] = state
    backward = np.ones_like(local)
    pairs = np.zeros_like(transition)
    for at in range(len(steps) - 2, -1, -1):
        after = steps[at + 1]
        here = steps[at][: len(after)]
        message = backward[after] * local[after] / scale[after][:, None]
        pairs += forward[here].T @ message
        backward[here] = message @ moves.T
    tokens = forward * backward
    return Expected(float(np.log(scale).sum() + highest.sum()), tokens, pairs * moves, tokens[steps[0]].sum(axis=0))


def best_path(emission: Floats, transition: Floats, initial: Floats, layout: Layout) -> Ints:
    """The most likely label of every token (Viterbi 1967), [tokens]."""
    steps, labels = layout.steps, emission.shape[1]
    back = np.zeros((len(emission), labels), np.int64)
    score = emission[steps[0]] + initial
    for places in steps[1:]:
        reached = score[: len(places), :, None] + transition
        chosen = reached.argmax(axis=1)
        back[places] = chosen
        score[: len(places)] = np.take_along_axis(reached, chosen[:, None, :], axis=1)[:, 0] + emission[places]
    path = np.zeros(len(emission), np.int64)
    current = score.argmax(axis=1)
    for places in reversed(steps):
        path[places] = current[: len(places)]
        current[: len(places)] = back[places, current[: len(places)]]
    return path


def emissions(weights: Weights, features: Ints) -> Floats:
    """Log-scores [tokens, labels] from feature numbers [tokens, templates]; 0 stands for an unknown feature."""
    total = np.zeros((len(features), weights.emission.shape[1]), np.float64)
    for column in features.T:
        total += weights.emission[column]
    return total


@dataclass(frozen=True, slots=True)
class _Batch:
    used: Ints  # the features that occur, [columns]
    matrix: Any  # tokens x columns, scipy
    gold: Ints
    layout: Layout
    pairs: Floats
    first: Floats
    share: float


def _batch(features: Ints, gold: Ints, offsets: Ints, chosen: Ints, labels: int) -> _Batch:
    sizes = offsets[chosen + 1] - offsets[chosen]
    rows: Ints = np.arange(int(sizes.sum()), dtype=np.int64)
    rows += np.repeat(offsets[chosen] - (np.cumsum(sizes) - sizes), sizes)
    used, numbers = np.unique(features[rows], return_inverse=True)
    width = features.shape[1]
    matrix: Any = _CSR(
        (np.ones(numbers.size, np.float32), numbers.ravel(), np.arange(0, numbers.size + 1, width)),
        shape=(len(rows), len(used)),
    )
    layout = lay_out(sizes)
    inner = np.ones(len(rows), bool)
    inner[layout.starts] = False
    later = np.flatnonzero(inner)
    mine = gold[rows]
    pairs = np.zeros((labels, labels))
    np.add.at(pairs, (mine[later - 1], mine[later]), 1)
    first = np.bincount(mine[layout.starts], minlength=labels).astype(np.float64)
    return _Batch(used, matrix, mine, layout, pairs, first, len(chosen) / (len(offsets) - 1))


class _Learner:
    """The state of AdaGrad: weights, sums of squares and the running sums for averaging."""

    def __init__(self, features: int, labels: int, schedule: Schedule) -> None:
        self.schedule = schedule
        self.emission = np.zeros((features, labels), np.float32)
        self.squares = np.full((features, labels), schedule.first_square, np.float32)
        self.transition, self.transition_squares = np.zeros((labels, labels)), np.ones((labels, labels))
        self.initial, self.initial_squares = np.zeros(labels), np.ones(labels)

    def step(self, batch: _Batch, random: np.random.Generator) -> None:
        plan = self.schedule
        weights = self.emission[batch.used]
        kept: Singles = (random.random(int(batch.matrix.nnz), np.float32) >= plan.dropout).astype(np.float32)
        batch.matrix.data = kept / np.float32(1 - plan.dropout)
        scores = np.asarray(batch.matrix @ weights, np.float64)
        told = expected(scores, self.transition, self.initial, batch.layout)
        error = told.tokens.astype(np.float32)
        error[np.arange(len(batch.gold)), batch.gold] -= 1
        slope = np.asarray(batch.matrix.T @ error) + np.float32(plan.l2 * batch.share) * weights
        squares = self.squares[batch.used] + slope * slope
        self.squares[batch.used] = squares
        self.emission[batch.used] = weights - np.float32(plan.rate) * slope / np.sqrt(squares)
        for value, sums, rise in (
            (self.transition, self.transition_squares, told.pairs - batch.pairs),
            (self.initial, self.initial_squares, told.first - batch.first),
        ):
            sums += rise * rise
            value -= plan.rate * rise / np.sqrt(sums)


def train(
    features: Ints, gold: Ints, lengths: Ints, *, labels: int, schedule: Schedule | None = None, seed: int = 0
) -> Weights:
    """Fit a field.

    Args:
        features: [tokens, templates], numbers from 1; every template gives one feature a token (0 = none).
        gold: [tokens] label numbers below `labels`.
        lengths: [sequences], in the order of the tokens.
        schedule: rates and epochs; the default was tuned on Chinese shopping titles.
        seed: the same data and seed give the same weights.
    """
    schedule = schedule or Schedule()
    random = np.random.default_rng(seed)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    order: Ints = random.permutation(len(lengths))
    batches = [
        _batch(features, gold, offsets, order[at : at + schedule.batch], labels)
        for at in range(0, len(order), schedule.batch)
    ]
    learner = _Learner(int(features.max(initial=0)) + 1, labels, schedule)
    emission, transition = np.zeros_like(learner.emission), np.zeros_like(learner.transition)
    initial, averaged = np.zeros_like(learner.initial), 0
    for epoch in range(schedule.epochs):
        turns: Ints = random.permutation(len(batches))
        for at in turns:
            learner.step(batches[int(at)], random)
        if epoch >= schedule.epochs // 3:
            averaged += 1
            emission += learner.emission
            transition += learner.transition
            initial += learner.initial
    emission /= np.float32(averaged)
    emission[0] = 0
    return Weights(emission, transition / averaged, initial / averaged)
