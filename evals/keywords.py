"""Entities in Chinese shopping titles: ours against a conditional random field trained on the same rows, in one run.

Half of the public dev titles stand in the training file; the figure that counts is over the unseen ones. Nothing was
tuned on dev: the settings come from a split of the training titles (`--split train`).

    python -m evals.keywords
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Sequence

import numpy as np
import rjieba
import sklearn_crfsuite

from evals.figures import SHARED_DATA, record
from zhanggui.kernel.textmodels.tagging import Span, SpanTagger, TaggedText, read_bio, spans_of

FOLDER = SHARED_DATA / "zh_product_ner"
KINDS = ("HCCX", "HPPX", "XH", "MISC")
COMMAND = "python -m evals.keywords"
SEED = 0


def f1(gold: Sequence[tuple[Span, ...]], found: Sequence[tuple[Span, ...]], kind: str = "") -> float:
    """Micro F1 of exact spans with their kind; `kind` looks at one kind only."""
    counts: Counter[str] = Counter()
    for right, ours in zip(gold, found, strict=True):
        true = {span for span in right if not kind or span.label == kind}
        told = {span for span in ours if not kind or span.label == kind}
        counts.update(gold=len(true), told=len(told), both=len(true & told))
    return 2 * counts["both"] / max(1, counts["gold"] + counts["told"])


def bootstrap(
    gold: Sequence[tuple[Span, ...]],
    ours: Sequence[tuple[Span, ...]],
    peer: Sequence[tuple[Span, ...]] | None = None,
    rounds: int = 1000,
) -> tuple[float, float]:
    """95 % interval over titles of our F1, or of our F1 less the peer's on the same titles."""

    def table(found: Sequence[tuple[Span, ...]]) -> np.ndarray:
        return np.array([(len(set(a) & set(b)), len(a) + len(b)) for a, b in zip(gold, found, strict=True)])

    mine, other = table(ours), table(peer) if peer is not None else None
    picks = np.random.default_rng(SEED).integers(0, len(gold), (rounds, len(gold)))

    def scores(counts: np.ndarray) -> np.ndarray:
        sums = counts[picks].sum(axis=1)
        return 2 * sums[:, 0] / np.maximum(1, sums[:, 1])

    values = scores(mine) - (scores(other) if other is not None else 0)
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def crf_features(text: str) -> list[list[str]]:
    """The peer's features: characters, their pairs and triples, place in the segmented word, the word."""
    places: list[str] = []
    words: list[str] = []
    for word in rjieba.cut(text):
        places += ["S"] if len(word) == 1 else ["B", *"M" * (len(word) - 2), "E"]
        words += [word] * len(word)

    def at(place: int) -> str:
        return text[place] if 0 <= place < len(text) else "#"

    rows: list[list[str]] = []
    for i in range(len(text)):
        row = ["bias", f"s={places[i]}", f"w={words[i]}", f"t={at(i - 1)}{at(i)}{at(i + 1)}"]
        row += [f"c{d}={at(i + d)}" for d in (-2, -1, 0, 1, 2)]
        row += [f"b{d}={at(i + d)}{at(i + d + 1)}" for d in (-2, -1, 0, 1)]
        row += [f"s-={places[i - 1]}{places[i]}"] if i else []
        row += [f"s+={places[i]}{places[i + 1]}"] if i + 1 < len(text) else []
        rows.append(row)
    return rows


def bio(row: TaggedText) -> list[str]:
    """The tags that the spans of a text spell."""
    tags = ["O"] * len(row.text)
    for span in row.spans:
        tags[span.start : span.end] = [f"I-{span.label}"] * (span.end - span.start)
        tags[span.start] = f"B-{span.label}"
    return tags


def run_peer(train: Sequence[TaggedText], test: Sequence[TaggedText]) -> list[tuple[Span, ...]]:
    """sklearn-crfsuite, L-BFGS with elastic net, as its tutorial sets it."""
    began = time.perf_counter()
    peer = sklearn_crfsuite.CRF(algorithm="lbfgs", c1=0.1, c2=0.1, max_iterations=100, all_possible_transitions=True)
    peer.fit([crf_features(row.text) for row in train], [bio(row) for row in train])
    print(f"peer CRF trained in {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    tags = peer.predict([crf_features(row.text) for row in test])
    print(f"peer CRF {len(test) / (time.perf_counter() - began):.0f} titles/s")
    return [spans_of(list(one)) for one in tags]


def run_ours(train: Sequence[TaggedText], test: Sequence[TaggedText]) -> tuple[list[tuple[Span, ...]], float]:
    """Our tagger with its default settings, and titles a second (best of three passes)."""
    began = time.perf_counter()
    tagger = SpanTagger.fit(train, seed=SEED)
    print(f"ours trained in {time.perf_counter() - began:.0f} s")
    texts = [row.text for row in test]
    seconds: list[float] = []
    for _ in range(3):
        began = time.perf_counter()
        found = tagger.spans(texts)
        seconds.append(time.perf_counter() - began)
    return found, len(texts) / min(seconds)


def rows_for(split: str) -> tuple[list[TaggedText], list[TaggedText]]:
    """Rows to train on and rows to test: the public dev file, or a fifth of the training titles."""
    train = list(read_bio(FOLDER / "train.txt"))
    if split == "dev":
        return train, list(read_bio(FOLDER / "dev.txt"))
    titles = sorted({row.text for row in train})
    random.Random(SEED + 1).shuffle(titles)
    kept = set(titles[: len(titles) // 5])
    unique = {row.text: row for row in train if row.text in kept}
    return [row for row in train if row.text not in kept], list(unique.values())


def compare(train: Sequence[TaggedText], test: Sequence[TaggedText], *, write: bool) -> None:
    """Print and record both, over all titles and over the unseen ones."""
    ours, speed = run_ours(train, test)
    peer = run_peer(train, test)
    seen = {row.text for row in train}
    unseen = [at for at, row in enumerate(test) if row.text not in seen]
    figures: list[tuple[str, float, tuple[float, float] | None]] = []
    for name, places in (("unseen", unseen), ("every", list(range(len(test))))):
        gold = [test[at].spans for at in places]
        mine, theirs = [ours[at] for at in places], [peer[at] for at in places]
        figures.append((f"keywords-{name}-f1", f1(gold, mine), bootstrap(gold, mine)))
        figures.append((f"keywords-{name}-f1-crf", f1(gold, theirs), bootstrap(gold, theirs)))
        figures.append((f"keywords-{name}-lead", f1(gold, mine) - f1(gold, theirs), bootstrap(gold, mine, theirs)))
        for kind in KINDS:
            figures.append((f"keywords-{name}-f1-{kind.lower()}", f1(gold, mine, kind), None))
            figures.append((f"keywords-{name}-f1-{kind.lower()}-crf", f1(gold, theirs, kind), None))
    figures.append(("keywords-titles-per-second", speed, None))
    for figure, value, interval in figures:
        if not write:
            print(f"{figure} {value:.4f} {interval or ''}")
            continue
        record(
            figure,
            value,
            interval=interval,
            unit="titles/s" if figure.endswith("second") else "F1",
            command=COMMAND,
            dataset="zh_product_ner",
            files=[FOLDER / "train.txt", FOLDER / "dev.txt"],
            seed=SEED,
            note=f"{len(unseen)} of {len(test)} dev titles are not in the training file; exact spans, micro",
        )


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--split", choices=("dev", "train"), default="dev", help="train: a split for tuning, not recorded"
    )
    asked = parser.parse_args()
    if not FOLDER.exists():
        print(f"skipped: {FOLDER} is not here")
        return
    train, test = rows_for(asked.split)
    compare(train, test, write=asked.split == "dev")


if __name__ == "__main__":
    main()
