"""Which reply fits: ours beside its peers on dialogues that nobody trained on.

A fifth of the dialogues of `taobao_dialogue` dev is tested. Each right reply stands with nine others: `different` draws
them from all different replies of the set, `said` as often as they are said, so that being usual tells nothing. Ties
count against whoever makes them (the right reply is ranked last among equals). Peers' weights are chosen on dialogues
kept aside from the training ones. `--rows N` trains on and tests fewer exchanges (its figures are not recorded).

    python -m evals.replies
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from evals.figures import SHARED_DATA, record, wilson
from zhanggui.kernel.retrieval import CachedEmbedder, NanoEmbedder
from zhanggui.support import Choice, Exchange, ReplyRanker, read_exchanges
from zhanggui.support.rules.replies import cases, dialogues

COMMAND = "python -m evals.replies"
FILES = [SHARED_DATA / "taobao_dialogue" / name for name in ("dev.txt", "train_clean_top5000_raw.txt")]
SEED = 20261123
NEIGHBOURS = 30
TESTED = 600
EMBEDDED = 100  # lists that the slow embeddings are asked about, and under the first protocol only
Scores = list[np.ndarray]
Scorer = Callable[[Sequence[Choice]], Scores]


def read(path: Any) -> list[Exchange]:
    """Exchanges of one file."""
    return read_exchanges(line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def split(most: int) -> tuple[list[Exchange], list[Exchange], list[str]]:
    """Exchanges to train on, those of dev to test, and every reply of the set as often as it is said."""
    dev, train = read(FILES[0]), read(FILES[1])
    every = dev + train
    numbers = dialogues(every)
    draw = random.Random(SEED)
    kinds = sorted(set(numbers))
    draw.shuffle(kinds)
    aside = set(kinds[: len(kinds) // 5])
    rest = [one for one, number in zip(every, numbers, strict=True) if number not in aside]
    test = [one for one, number in zip(dev, numbers, strict=False) if number in aside]
    draw.shuffle(rest)
    draw.shuffle(test)
    said = [one.reply for one in every]
    return rest[: most or len(rest)], test[: min(TESTED, most or TESTED)], said


def lists(test: Sequence[Exchange], pool: Sequence[str], seed: int) -> list[Choice]:
    """For each exchange the right reply, last, behind nine others."""
    draw = random.Random(seed)
    found: list[Choice] = []
    for one in test:
        others: dict[str, None] = {}
        while len(others) < 9:
            other = draw.choice(pool)
            if other != one.reply:
                others[other] = None
        found.append(Choice(one.context, (*others, one.reply)))
    return found


def shortest(choices: Sequence[Choice]) -> Scores:
    """The shortest reply first."""
    return [np.array([-len(text) for text in choice.candidates], dtype=float) for choice in choices]


def embeddings() -> Scorer:
    """Cosine of the bundled embedding model between the last turn and each reply."""
    embedder = CachedEmbedder(NanoEmbedder(), 100_000)

    def score(choices: Sequence[Choice]) -> Scores:
        asked = embedder.queries([choice.context[-1] for choice in choices])
        return [embedder.passages(list(c.candidates)) @ row for c, row in zip(choices, asked, strict=True)]

    return score


def bm25(train: Sequence[Exchange]) -> Scorer:
    """BM25 (k1 1.2, b 0.75) of the context's characters and pairs of them against each reply."""
    counter = CountVectorizer(analyzer="char", ngram_range=(1, 2))
    counted = counter.fit_transform([one.reply for one in train])
    present = np.asarray((counted > 0).sum(axis=0)).ravel()
    idf = np.log(1 + (len(train) - present + 0.5) / (present + 0.5))
    usual = counted.sum() / len(train)

    def score(choices: Sequence[Choice]) -> Scores:
        found: Scores = []
        for choice in choices:
            asked = counter.transform([" ".join(choice.context)]).toarray()[0] > 0
            rows = counter.transform(choice.candidates).toarray()
            length = 0.25 + 0.75 * rows.sum(axis=1, keepdims=True) / usual
            found.append((rows * 2.2 / (rows + 1.2 * length) * (idf * asked)).sum(axis=1))
        return found

    return score


class PastTurns:
    """Case-based: the nearest past turns by TF-IDF cosine, then how like their replies each candidate is."""

    def __init__(self, train: Sequence[Exchange]) -> None:
        held = cases(train, list(range(len(train))))
        replies = [case.reply for case in held]
        self.vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
        self.vectors.fit([case.context[-1] for case in held] + replies)
        self.turns = self.vectors.transform([case.context[-1] for case in held]).T.tocsr()
        self.replies = self.vectors.transform(replies)
        self.said = Counter(replies)

    def parts(self, choices: Sequence[Choice]) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """For each list: likeness to the nearest cases' replies, the most and the mean, and log of how often said."""
        found = []
        near = self.vectors.transform([choice.context[-1] for choice in choices]) @ self.turns
        for row, choice in enumerate(choices):
            places, close = near[row].indices, near[row].data
            top = np.argsort(-close)[:NEIGHBOURS]
            own = self.vectors.transform(choice.candidates)
            alike = (own @ self.replies[places[top]].T).toarray() * close[top] if len(top) else np.zeros((10, 1))
            often = np.log1p([self.said[text] for text in choice.candidates])
            found.append((alike.max(axis=1), (alike * close[top]).sum(axis=1) if len(top) else often * 0, often))
        return found

    def plain(self, choices: Sequence[Choice]) -> Scores:
        """The likeness alone."""
        return [most for most, _, _ in self.parts(choices)]

    def with_prior(self, weights: tuple[float, float]) -> Scorer:
        """Likeness, summed, and how usual the reply is."""

        def score(choices: Sequence[Choice]) -> Scores:
            return [most + weights[0] * total + weights[1] * often for most, total, often in self.parts(choices)]

        return score


def chosen_weights(train: Sequence[Exchange], pool: Sequence[str]) -> tuple[float, float]:
    """The peer's weights: the best on a tenth of the training exchanges, with past turns of the others."""
    cut = len(train) // 10
    asked, past = lists(train[:cut], pool, SEED + 1), PastTurns(train[cut:])
    parts = past.parts(asked)
    grid = [(a, b) for a in (0.0, 0.1, 0.3, 1.0) for b in (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)]
    return max(grid, key=lambda w: float(np.mean(ranks([m + w[0] * t + w[1] * o for m, t, o in parts]) == 1)))


def ranks(scores: Scores) -> np.ndarray:
    """Place of the right (last) reply in each list, ties against it."""
    return np.array([1 + int((own[:-1] >= own[-1]).sum()) for own in scores])


def tell(protocol: str, who: str, scores: Scores, keep: bool) -> None:
    """Print, and record, R10@1 with its interval and MRR."""
    place = ranks(scores)
    hits, reciprocal = int((place == 1).sum()), float((1 / place).mean())
    print(f"{protocol:10} {who:22} R10@1 {hits / len(place):.4f} MRR {reciprocal:.4f} ({len(place)})", flush=True)
    if not keep:
        return
    note = f"MRR {reciprocal:.4f}; split by dialogue; wrong replies: {protocol}; ties against; {len(place)} lists"
    for name, value, interval in (
        (f"replies-{protocol}-r10at1-{who}", hits / len(place), wilson(hits, len(place))),
        (f"replies-{protocol}-mrr-{who}", reciprocal, None),
    ):
        record(
            name, value, interval=interval, unit="R10@1" if "r10" in name else "MRR", command=COMMAND,
            dataset="taobao_dialogue", files=FILES, seed=SEED, note=note,
        )  # fmt: skip


def main() -> None:
    """Ours and the peers, under both protocols."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=0, help="train on at most so many rows; records nothing")
    rows = arguments.parse_args().rows
    train, test, said = split(rows)
    different = sorted({*said, *(text for one in train for text in one.wrong)})
    asked = {"different": lists(test, different, SEED), "said": lists(test, said, SEED)}
    began = time.perf_counter()
    ranker = ReplyRanker.fit(train)
    print(f"{len(train)} exchanges trained in {time.perf_counter() - began:.0f} s")
    past = PastTurns(train)
    weights = chosen_weights(train, different)
    peers: dict[str, Scorer] = {
        "bm25": bm25(train),
        "embeddings": embeddings(),
        "shortest": shortest,
        "past-turns": past.plain,
        "past-turns-with-prior": past.with_prior(weights),
    }
    for protocol, choices in asked.items():
        began = time.perf_counter()
        tell(protocol, "ours", [np.array(one.scores) for one in ranker.rank(choices)], not rows)
        print(f"  {len(choices) / (time.perf_counter() - began):.0f} lists/s")
        for who, score in peers.items():
            if who != "embeddings":
                tell(protocol, who, score(choices), not rows)
            elif protocol == "different":
                tell(protocol, who, score(choices[:EMBEDDED]), not rows)


if __name__ == "__main__":
    main()
