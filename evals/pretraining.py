"""What MLM and NSP pre-training gives a small BERT: fine-tuned with and without, at 100, 1,000 and all labels.

`online_shopping_10_cats`, the split of `evals.sentiment`: pre-training reads training texts without their labels, the
fifth that is tested is never read. Sizes are small so that two cores finish in minutes: they show the difference that
pre-training makes, not the best that such a model can do. With few labels a run hangs on which rows were drawn, so
three draws are averaged. Prints a table and draws `docs/images/pretraining.svg`. Needs the extra `train`.

    python -m evals.pretraining
    python -m evals.pretraining --pretrain-rows 20000 --labels 100,1000,10000,all
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evals.figures import ROOT, record, wilson
from evals.sentiment import SHOP, Rows, read, split
from zhanggui.kernel.textmodels import Epoch, NeuralModel, Plan, Sizes
from zhanggui.kernel.textmodels.neural import bert

COMMAND = "python -m evals.pretraining"
SEED = 0
TESTED = 3000
SIZES = Sizes(width=96, layers=2, heads=4, longest=64)
HOME = ROOT / "var" / "eval-pretraining"
PLOT = ROOT / "docs" / "images" / "pretraining.svg"
PRETRAINING_EPOCHS = 4
FEW = 1000  # labels up to which three draws are averaged
COLOURS = {"without": "#b0672f", "with": "#3b6fb6"}


@dataclass(frozen=True)
class Point:
    """Mean accuracy over the draws at a number of labels, with its interval on the tested texts."""

    labels: int
    name: str
    accuracy: float
    low: float
    high: float


def hits(model: NeuralModel, rows: Rows) -> int:
    """Right answers."""
    given = model.predict([text for text, _ in rows]).argmax(axis=1)
    return sum(model.labels[place] == label for place, (_, label) in zip(given, rows, strict=True))


def plan_of(count: int) -> Plan:
    """How a number of labels is fine-tuned, with and without pre-training alike."""
    if count <= FEW:
        epochs = 40 if count <= 200 else 12  # few rows kept aside say little about when to stop: never early
        return Plan(epochs=epochs, patience=epochs, batch=16, rate=1e-3, seed=SEED)
    return Plan(epochs=1, batch=64, rate=1e-3, seed=SEED)


def measured(name: str, start: bert.Pretrained | None, train: Rows, count: int, test: Rows) -> Point:
    """Fine-tune on `count` rows; small numbers three times, on other rows each time."""
    found: list[int] = []
    for draw in range(3 if count <= FEW else 1):
        rows = train[-count * (draw + 1) :][:count]
        texts, labels = [text for text, _ in rows], [label for _, label in rows]
        model = bert.fit(texts, labels, plan_of(count), task="sentiment", before=start, sizes=SIZES)
        found.append(hits(model, test))
        print(f"  {count} labels {name}: {found[-1] / len(test):.4f}", flush=True)
    right = round(float(np.mean(found)))
    return Point(count, name, float(np.mean(found)) / len(test), *wilson(right, len(test)))


def picture(points: list[Point]) -> str:
    """Accuracy over the number of labels (a log scale), a line for each way to start, as SVG."""
    counts = sorted({point.labels for point in points})
    bottom = min(0.5, *(point.low for point in points))

    def x(count: int) -> float:
        return 70 + 420 * float(np.log(count / counts[0]) / max(1e-9, np.log(counts[-1] / counts[0])))

    def y(value: float) -> float:
        return 250 - 210 * (value - bottom) / (1 - bottom)

    parts = [
        f'<text x="62" y="{y(mark) + 4:.0f}" text-anchor="end">{mark:.1f}</text>'
        f'<line x1="66" x2="500" y1="{y(mark):.1f}" y2="{y(mark):.1f}" stroke="#8884"/>'
        for mark in np.arange(np.ceil(bottom * 10) / 10, 1.01, 0.1)
    ]
    parts += [f'<text x="{x(count):.0f}" y="272" text-anchor="middle">{count:,}</text>' for count in counts]
    for at, (name, colour) in enumerate(COLOURS.items()):
        own = sorted((point for point in points if point.name == name), key=lambda point: point.labels)
        line = " ".join(f"{x(point.labels):.1f},{y(point.accuracy):.1f}" for point in own)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<line x1="{x(p.labels):.1f}" x2="{x(p.labels):.1f}" y1="{y(p.low):.1f}" y2="{y(p.high):.1f}" '
            f'stroke="{colour}"/><circle cx="{x(p.labels):.1f}" cy="{y(p.accuracy):.1f}" r="3.5" fill="{colour}"/>'
            for p in own
        ]
        parts.append(f'<text x="330" y="{205 + 18 * at}" fill="{colour}">{name} MLM and NSP pre-training</text>')
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 300" font-family="sans-serif" font-size="12">'
    white = '<rect width="560" height="300" fill="#fff"/>'
    title = '<text x="70" y="20">Accuracy on reviews kept aside, 95 % interval, by number of labels</text>'
    return f"{head}{white}{title}{''.join(parts)}</svg>\n"


def table(points: list[Point]) -> str:
    """The figures as a Markdown table."""
    lines = ["| labels | without | with | difference |", "|---|---|---|---|"]
    for count in sorted({point.labels for point in points}):
        own = {point.name: point.accuracy for point in points if point.labels == count}
        gain = own["with"] - own["without"]
        lines.append(f"| {count:,} | {own['without']:.4f} | {own['with']:.4f} | {gain:+.4f} |")
    return "\n".join(lines)


def keep(point: Point, read_rows: int, tested: int) -> None:
    """Record a point."""
    draws = "mean of three draws, " if point.labels <= FEW else ""
    record(
        f"pretraining-{point.labels}-{point.name}",
        point.accuracy,
        interval=(point.low, point.high),
        unit="accuracy",
        command=COMMAND,
        dataset="online_shopping_10_cats",
        files=[SHOP],
        seed=SEED,
        note=f"{draws}{point.labels} labelled texts, {read_rows} texts pre-trained on, {tested} tested; "
        f"BERT of width {SIZES.width}, {SIZES.layers} layers",
    )


def main() -> None:
    """Pre-train once, fine-tune with and without for each number of labels, record, draw."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--pretrain-rows", type=int, default=15_000)
    arguments.add_argument("--labels", default="100,1000,all", help="numbers of labelled rows, with commas between")
    arguments.add_argument("--plot", type=Path, default=PLOT)
    chosen = arguments.parse_args()
    train, test = split(read(SHOP, lambda row: row["review"], "label"), 10**9)
    test = test[:TESTED]
    began = time.perf_counter()

    def show(epoch: Epoch) -> None:
        took = time.perf_counter() - began
        told = f"loss {epoch.loss:.4f}, hidden tokens guessed {epoch.score:.4f}, {took:.0f} s"
        print(f"  pre-training epoch {epoch.number}: {told}", flush=True)

    HOME.mkdir(parents=True, exist_ok=True)
    plan = Plan(
        epochs=PRETRAINING_EPOCHS, batch=32, rate=2e-3, seed=SEED, tell=show, checkpoint=HOME / "bert.checkpoint"
    )
    unlabelled = [text for text, _ in train[: chosen.pretrain_rows]]
    before = bert.pretrain(unlabelled, plan, sizes=SIZES, vocabulary=4000)
    points: list[Point] = []
    for count in (len(train) if number == "all" else int(number) for number in chosen.labels.split(",")):
        for name, start in (("without", None), ("with", before)):
            points.append(measured(name, start, train, count, test))
            keep(points[-1], len(unlabelled), len(test))
    chosen.plot.write_text(picture(points), encoding="utf-8")
    print(table(points))


if __name__ == "__main__":
    main()
