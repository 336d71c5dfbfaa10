"""How fast small models answer: texts a second of the shipped default and of a BERT in int8, start-up, memory.

Texts are made up from the package's own word lists, short ones of some 20 characters. `--bert` trains a small one first
(extra `train`).

    python -m benchmarks.textmodels
    python -m benchmarks.textmodels --bert
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
from evals.figures import record

from zhanggui.kernel.textmodels import Plan, default_sentiment, fit
from zhanggui.kernel.textmodels.compose import compose, read_lexicon
from zhanggui.kernel.textmodels.sentiment import LEXICONS

COMMAND = "python -m benchmarks.textmodels"
SEED = 0
RUNS = 5
START = "from zhanggui.kernel.textmodels import default_sentiment; default_sentiment().predict(['好'])"
# What every start of Python with numpy and the Chinese word cutter costs, whoever uses them.
BARE = "import numpy, rjieba; list(rjieba.cut('好'))"


def texts(count: int) -> list[str]:
    """Made-up short reviews, half Chinese and half English."""
    made = [compose(read_lexicon(path, locale), count // 2, SEED)[0] for locale, path in LEXICONS.items()]
    return [text[:40] for pair in zip(*made, strict=True) for text in pair]


def speed(predict: Callable[[Sequence[str]], object], rows: Sequence[str]) -> list[float]:
    """Texts a second in each of some runs."""
    predict(rows[:500])
    found: list[float] = []
    for _ in range(RUNS):
        began = time.perf_counter()
        predict(rows)
        found.append(len(rows) / (time.perf_counter() - began))
    return found


def started(code: str) -> float:
    """Median seconds of processor time of a fresh process that runs this."""
    spent: list[float] = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return float(np.median(spent))


def tell(name: str, runs: list[float]) -> None:
    """Record the median with the slowest and the fastest run."""
    record(f"textmodels-{name}-texts-per-second", float(np.median(runs)), interval=(min(runs), max(runs)),
           unit="texts/s", command=COMMAND, dataset="made-up reviews of at most 40 characters", seed=SEED,
           note=f"median of {RUNS} runs; the interval is slowest to fastest")  # fmt: skip


def main() -> None:
    """Measure and record."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bert", action="store_true", help="also a small BERT in int8 (extra `train`)")
    chosen = arguments.parse_args()
    rows = texts(20_000)
    tell("default", speed(default_sentiment().predict, rows))
    start, bare = started(START), started(BARE)
    record("textmodels-start-seconds", start - bare, unit="s of processor time", command=COMMAND, dataset="none",
           note=f"import, load and a first answer, less {bare:.2f} s that numpy and rjieba alone take; "
           f"median of {RUNS}")  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    record("textmodels-default-peak-megabytes", peak, unit="MB", command=COMMAND, dataset="the same texts",
           note="the whole process, with Python and numpy")  # fmt: skip
    if chosen.bert:
        made, moods = compose(read_lexicon(LEXICONS["zh-CN"], "zh-CN"), 600, SEED)
        model = fit("bert", made, moods, Plan(epochs=1), task="sentiment")
        tell("bert-int8", speed(model.predict, rows[:2000]))


if __name__ == "__main__":
    main()
