"""`zhanggui train TASK`: a small model of your own from labelled texts, and whether it may answer from now on."""

import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import orjson

from zhanggui.catalog import STUDENT_TASK, CopyRequest, facts_of, student_rows
from zhanggui.cli.batch_text import read_labelled
from zhanggui.cli.common import err, out, text_models
from zhanggui.cli.lines import read_json_lines, text_of
from zhanggui.cli.options import argument, option
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels import (
    WRITERS,
    Epoch,
    Plan,
    Request,
    RunLog,
    default_sentiment,
    fit,
    fit_writer,
    log_run,
    sentiments,
    train_task,
)

Algorithm = Literal["linear", "textcnn", "bert", "ensemble", "seq2seq", "gpt"]


def train(  # noqa: PLR0913 - one parameter for each option
    task: Annotated[str, argument(help="What the model decides: sentiment, intent, or a name of your own.")],
    data: Annotated[Path, option(help="Rows `{text, label}` (writers: `{text, target}`): JSON Lines or CSV.")],
    target: Annotated[
        Path | None, option("--out", help="Write the model to this file instead; trained on all rows, never live.")
    ] = None,
    model: Annotated[Algorithm, option(help="Algorithm; all but linear need the extra `train`.")] = "linear",
    seed: Annotated[int, option(help="The same rows and seed give the same model.")] = 0,
    epochs: Annotated[int, option(min=1, max=1000, help="Passes over the rows at most (not linear).")] = 6,
    fresh: Annotated[bool, option("--fresh", help="Forget an interrupted training instead of going on.")] = False,
) -> None:
    """Train a model on your own texts; it goes live if it surely beats what answers now. Prints its card."""
    texts, labels = read_rows(data, task, writer=model in WRITERS)
    registry = text_models()
    folder = target.parent if target is not None else registry.folder(task)
    if target is not None and not folder.is_dir():
        raise BadInput(field="--out", expected="a file in a folder that exists", found=str(target))
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / f".{task}-{model}.checkpoint"
    if fresh:
        _forget(checkpoint)
    log = log_run(folder, task, model, epochs, lambda: datetime.now(UTC)) if target is None else None
    plan = Plan(epochs=epochs, seed=seed, checkpoint=checkpoint, tell=_teller(log))
    if target is not None:
        _to_file(task, model, (texts, labels), plan, target)
    else:
        outcome = train_task(
            registry, Request(task, model, texts, labels), plan, datetime.now(UTC),
            baseline=default_sentiment() if task == "sentiment" else None, warn=lambda words: _warn(data, words),
        )  # fmt: skip
        out.print_json(orjson.dumps(asdict(outcome)).decode())
    if log is not None:
        log.finish()
    _forget(checkpoint)


def read_rows(data: Path, task: str, *, writer: bool) -> tuple[list[str], list[str]]:
    """Texts, and their labels or (for a writer) what to write.

    Raises:
        BadInput: no such file, no such columns, or a label that means no sentiment.
    """
    if writer and task == STUDENT_TASK:
        return read_products(data)
    texts, labels = read_labelled(data, "target" if writer else "label")
    return texts, sentiments(labels) if task == "sentiment" and not writer else labels


def read_products(data: Path) -> tuple[list[str], list[str]]:
    """Of product lines as `batch copy` reads them, what the copy student reads and what it is to write: `description`
    where the line has one (approved copy), else the deterministic writer's. Lines `{text, target}` stay as they are.

    Raises:
        BadInput: no such file, or a line that is no product; names the row.
    """
    if not data.is_file():
        raise BadInput(field="file", expected="JSON Lines of products, as `batch copy` reads them", found=str(data))
    lines = list(read_json_lines(data))
    if lines and "target" in lines[0]:
        return read_labelled(data, "target")
    lessons: list[tuple[CopyRequest, str]] = []
    for row, line in enumerate(lines, 1):
        try:
            request = CopyRequest(facts_of(line), "zh-CN", "plain")
            lessons.append((request, text_of(line, "description", required=False)))
        except BadInput as bad:
            raise BadInput(row=row, field=bad.field, expected=bad.expected, found=bad.found) from bad
    return student_rows(lessons)


def _to_file(task: str, model: Algorithm, rows: tuple[list[str], list[str]], plan: Plan, target: Path) -> None:
    texts, labels = rows
    if model in WRITERS:
        made = fit_writer(model, texts, labels, plan, task=task)
    else:
        made = fit(model, texts, labels, plan, task=task, warn=lambda words: _warn(target, words))
    made.save(target)
    out.print_json(orjson.dumps(asdict(made.card)).decode())


def _teller(log: RunLog | None) -> Callable[[Epoch], None]:
    began = time.monotonic()

    def tell(epoch: Epoch) -> None:
        if log is not None:
            log.epoch(epoch)
        err.print(
            f"epoch {epoch.number}: loss {epoch.loss:.4f}, aside {epoch.score:.4f}, {time.monotonic() - began:.0f} s",
            highlight=False,
        )

    return tell


def _warn(data: Path, words: str) -> None:
    err.print(f"{data.name}: {words}", markup=False, highlight=False, soft_wrap=True)


def _forget(checkpoint: Path) -> None:
    for path in checkpoint.parent.glob(f"{checkpoint.name}*"):
        path.unlink(missing_ok=True)
