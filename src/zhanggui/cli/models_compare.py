"""`zhanggui models compare | trained | shadow | promote | rollback | retire`: small models of your own."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from zhanggui.cli.common import err, out, text_models
from zhanggui.cli.options import argument, option
from zhanggui.cli.train import read_rows
from zhanggui.kernel.errors import BadInput, NotConfigured
from zhanggui.kernel.textmodels import (
    CLASSIFIERS,
    Classifier,
    Plan,
    default_sentiment,
    fit,
    frozen_split,
    hits,
    lead,
    load,
)

TaskArgument = Annotated[str, argument(help="What the model decides: sentiment, intent, or a name of your own.")]
NumberArgument = Annotated[int, argument(help="The model's number in `zhanggui models trained`.")]
_LATENCY_TEXTS = 200


@dataclass(frozen=True, slots=True)
class Compared:
    """One model on the frozen test: a hit or miss for each row, its interval, speed and size."""

    name: str
    hits: tuple[float, ...]
    low: float
    high: float
    per_second: float
    trained_seconds: float
    megabytes: float

    @property
    def accuracy(self) -> float:
        """Share of rows that are right."""
        return sum(self.hits) / max(1, len(self.hits))


def compare(
    task: TaskArgument,
    data: Annotated[Path, option(help="Rows `{text, label}`: JSON Lines or CSV.")],
    models: Annotated[
        str, option(help="Algorithms with commas between; also `live` and, for sentiment, `default`.")
    ] = ("linear,textcnn,bert,ensemble,live,default"),
    seed: Annotated[int, option(help="The same rows and seed give the same models.")] = 0,
    epochs: Annotated[int, option(min=1, max=1000, help="Passes over the rows at most (not linear).")] = 4,
    plot: Annotated[Path | None, option(help="Write a picture (SVG) of accuracy and speed to this file.")] = None,
) -> None:
    """Train and measure several models on the same rows; says which one to take, and why. Nothing goes live.

    A fifth of the texts, drawn by a hash of the text, is tested and trained on by none. All of these run on this
    machine: no text leaves it, and answers cost nothing."""
    names = [name.strip() for name in models.split(",") if name.strip()]
    unknown = [name for name in names if name not in (*CLASSIFIERS, "live", "default")]
    if unknown or not names:
        expected = f"some of {', '.join((*CLASSIFIERS, 'live', 'default'))}"
        raise BadInput(field="--models", expected=expected, found=", ".join(unknown) or "none")
    split = frozen_split(*read_rows(data, task, writer=False))
    if len(split.test) < 2:
        raise BadInput(field="text", expected="more rows: a fifth is tested", found=f"{len(split.test)} to test")
    done: list[Compared] = []
    for name in names:
        found = _made(name, task, split.train, Plan(epochs=epochs, seed=seed))
        if found is not None:
            done.append(_measured(name, *found, split.test))
    _show(done)
    out.print(recommendation(done), markup=False, highlight=False, soft_wrap=True)
    if plot is not None:
        plot.write_text(picture(done), encoding="utf-8")


def trained(task: Annotated[str | None, argument(help="Only this task.")] = None) -> None:
    """Every model that `zhanggui train` made, and which one answers."""
    registry = text_models()
    table = Table("Task", "Number", "Algorithm", "State", "Made", "Lead when it went live")
    for name in registry.tasks() if task is None else (task,):
        for one in registry.versions(name):
            verdict = one.verdict
            won = "" if not verdict else f"{verdict['mean']:+.4f} [{verdict['low']:+.4f}, {verdict['high']:+.4f}]"
            table.add_row(name, str(one.number), one.algorithm, one.state, one.created[:16], won)
    out.print(table)


def shadow(task: TaskArgument, number: NumberArgument) -> None:
    """Mark a candidate as running beside the live model, unseen."""
    one = text_models().shadow(task, number)
    out.print(f"{task}: model {one.number} is in shadow", markup=False)


def rollback(task: TaskArgument) -> None:
    """Bring back the model that was live before."""
    one = text_models().rollback(task)
    out.print(f"{task}: model {one.number} ({one.algorithm}) is live again", markup=False)


def retire(task: TaskArgument, number: NumberArgument) -> None:
    """Take a model out of use; without a live one the shipped default answers."""
    one = text_models().retire(task, number)
    out.print(f"{task}: model {one.number} is retired", markup=False)


def promote(
    task: TaskArgument,
    number: NumberArgument,
    data: Annotated[Path, option(help="Rows `{text, label}` that it is measured on again.")],
) -> None:
    """Make a candidate live, if it surely beats the live model on the frozen part of these rows."""
    registry = text_models()
    split = frozen_split(*read_rows(data, task, writer=False))
    version = next((one for one in registry.versions(task) if one.number == number), None)
    live = registry.live(task)
    if version is None or live is None:
        raise BadInput(field="number", expected="a model of this task, and a live one", found=str(number))
    ours, theirs = (hits(load(registry.path(task, one)), split.test) for one in (version, live))
    one = registry.promote(task, number, lead(ours, theirs))
    out.print(f"{task}: model {one.number} is live", markup=False)


def add_to(cli: typer.Typer) -> None:
    """Hang the commands under `zhanggui models`."""
    for name, command in (
        ("compare", compare), ("trained", trained), ("shadow", shadow), ("promote", promote), ("rollback", rollback),
        ("retire", retire),
    ):  # fmt: skip
        cli.command(name)(command)


def recommendation(done: Sequence[Compared]) -> str:
    """Which model to take, and why: the quickest one that no other surely beats."""
    if not done:
        return "Nothing could be compared."
    unbeaten = [one for one in done if not any(lead(other.hits, one.hits).sure for other in done if other is not one)]
    best = max(unbeaten or list(done), key=lambda one: one.per_second)
    top = max(done, key=lambda one: one.accuracy)
    if best is top:
        why = f"none is surely better, and it is the quickest of those ({best.per_second:,.0f} texts/s)"
        return f"Take {best.name}: {why}."
    return (
        f"Take {best.name}: {top.name} has {top.accuracy:.4f} against {best.accuracy:.4f}, but the difference is not "
        f"sure, and {best.name} is quicker ({best.per_second:,.0f} against {top.per_second:,.0f} texts/s)."
    )


def picture(done: Sequence[Compared]) -> str:
    """Accuracy with its interval, a bar a model, and its speed in words, as SVG."""
    rows: list[str] = []
    for place, one in enumerate(done):
        top = 30 + place * 34
        rows.append(
            f'<text x="10" y="{top + 14}">{escape(one.name)}</text>'
            f'<rect x="110" y="{top}" width="{one.accuracy * 400:.1f}" height="18" fill="#3b6fb6"/>'
            f'<line x1="{110 + one.low * 400:.1f}" x2="{110 + one.high * 400:.1f}" y1="{top + 9}" y2="{top + 9}" '
            f'stroke="#222" stroke-width="2"/>'
            f'<text x="520" y="{top + 14}">{one.accuracy:.4f}, {one.per_second:,.0f} texts/s</text>'
        )
    height = 40 + 34 * len(done)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{height}" font-family="sans-serif">'
    title = '<text x="110" y="18">Accuracy on texts kept aside, with 95 % interval</text>'
    return f"{head}{title}{''.join(rows)}</svg>\n"


def _made(name: str, task: str, rows: Sequence[tuple[str, str]], plan: Plan) -> tuple[Classifier, float] | None:
    if name == "default":
        return (default_sentiment(), 0.0) if task == "sentiment" else None
    if name == "live":
        registry = text_models()
        live = registry.live(task)
        return None if live is None else (load(registry.path(task, live)), 0.0)
    began = time.perf_counter()
    try:
        made = fit(name, [text for text, _ in rows], [label for _, label in rows], plan, task=task)
    except NotConfigured as missing:
        err.print(f"{name}: {missing.message}", markup=False, highlight=False, soft_wrap=True)
        return None
    return made, time.perf_counter() - began


def _measured(name: str, model: Classifier, seconds: float, rows: Sequence[tuple[str, str]]) -> Compared:
    right = hits(model, rows)
    texts = ([text for text, _ in rows] * (_LATENCY_TEXTS // len(rows) + 1))[:_LATENCY_TEXTS]
    began = time.perf_counter()
    model.predict(texts)
    speed = len(texts) / max(1e-9, time.perf_counter() - began)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.npz"
        model.save(file)
        size = file.stat().st_size / 1e6
    interval = lead(right, [0.0] * len(right))
    return Compared(name, tuple(right), interval.low, interval.high, speed, seconds, size)


def _show(done: Sequence[Compared]) -> None:
    table = Table("Model", "Accuracy", "95 %", "Texts/s", "Trained in", "MB", "Text leaves", "Cost/1,000")
    for one in done:
        table.add_row(
            one.name, f"{one.accuracy:.4f}", f"{one.low:.4f}-{one.high:.4f}", f"{one.per_second:,.0f}",
            f"{one.trained_seconds:.0f} s", f"{one.megabytes:.1f}", "no", "0",
        )  # fmt: skip
    out.print(table)
