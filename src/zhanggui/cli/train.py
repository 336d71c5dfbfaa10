"""`zhanggui train TASK`: a small model of your own from labelled texts."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import orjson

from zhanggui.cli.batch_text import fit_labelled
from zhanggui.cli.common import out
from zhanggui.cli.options import argument, option
from zhanggui.kernel.textmodels import LinearModel


def train(
    task: Annotated[str, argument(help="What the model decides: sentiment, intent, or a name of your own.")],
    data: Annotated[Path, option(help="Rows `{text, label}`: JSON Lines, or CSV with these columns.")],
    target: Annotated[Path, option("--out", help="The model's file; replaced whole, or left as it was.")],
    model: Annotated[Literal["linear"], option(help="Algorithm.")] = "linear",
    seed: Annotated[int, option(help="The same rows and seed give the same model.")] = 0,
) -> None:
    """Train a model on your own labelled texts and print its card."""
    trained = fit_labelled(data, task, seed)
    trained.described(algorithm=model, data={**trained.card.data, "file": data.name}).save(target)
    card = asdict(LinearModel.load(target).card)
    out.print_json(orjson.dumps(card).decode())
