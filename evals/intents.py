"""Intents of customers' messages: ours beside TF-IDF + LinearSVC on the same rows.

A fifth of each set is tested, drawn by a hash of the text, so that a repeat is never on both sides.
`--rows N` trains on fewer rows (its figures are not recorded).

    python -m evals.intents
"""

import argparse
import csv
import random
import time
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from evals.figures import SHARED_DATA, record, wilson
from zhanggui.kernel.textmodels import LinearModel, clean, kept_aside

COMMAND = "python -m evals.intents"
SETS = {
    "banking77": (SHARED_DATA / "banking77" / "train.csv", "text", "category"),
    "bitext": (SHARED_DATA / "bitext_responses" / "responses.csv", "instruction", "intent"),
}
SEED = 0
Rows = list[tuple[str, str]]


def split(path: Path, text: str, label: str, most: int) -> tuple[Rows, Rows]:
    """Rows to train on (at most `most`) and the fifth to test."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = clean([row[text] for row in rows], [row[label] for row in rows])
    pairs = list(zip(kept.texts, kept.labels, strict=True))
    random.Random(SEED).shuffle(pairs)
    aside = kept_aside([words for words, _ in pairs], 0.2, SEED)
    train = [row for row, out in zip(pairs, aside, strict=True) if not out]
    return train[:most], [row for row, out in zip(pairs, aside, strict=True) if out]


def main() -> None:
    """Both sets, ours and the peer."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=0, help="train on at most so many rows; records nothing")
    chosen = arguments.parse_args()
    for name, (path, text, label) in SETS.items():
        train, test = split(path, text, label, chosen.rows or 10**9)
        texts, labels = [row[0] for row in train], [row[1] for row in train]
        asked, right = [row[0] for row in test], [row[1] for row in test]
        began = time.perf_counter()
        model = LinearModel.fit(texts, labels, seed=SEED, task="intent")
        print(f"{name}: {len(train)} rows trained in {time.perf_counter() - began:.0f} s")
        peer = make_pipeline(
            make_union(
                TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
                TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
            ),
            LinearSVC(random_state=SEED),
        )
        peer.fit(texts, labels)
        told = {
            "ours": [model.labels[place] for place in model.predict(asked).argmax(axis=1)],
            "word-char-svc": [str(one) for one in peer.predict(asked)],
        }
        for who, answers in told.items():
            hits = sum(a == b for a, b in zip(answers, right, strict=True))
            print(f"{name:10} {who:14} accuracy {hits / len(right):.4f} ({len(right)} texts)", flush=True)
            if not chosen.rows:
                record(
                    f"intents-{name}-{who}",
                    hits / len(right),
                    interval=wilson(hits, len(right)),
                    unit="accuracy",
                    command=COMMAND,
                    dataset=name,
                    files=[path],
                    seed=SEED,
                    note=f"{len(train)} rows trained on, {len(right)} tested",
                )


if __name__ == "__main__":
    main()
