"""`batch late-risk`: how likely each order or shipment is to be late, learnt from the shop's own history."""

import csv
from pathlib import Path
from typing import Annotated, cast

from zhanggui.cli.lines import Line, Out, Summary, write_results
from zhanggui.cli.options import option
from zhanggui.connectors.tabular import open_text
from zhanggui.kernel.errors import BadInput
from zhanggui.orders import late_risk


def late(
    train: Annotated[Path, option(help="CSV of past orders or shipments with the label.")],
    source: Annotated[Path, option("--in", help="CSV of the orders or shipments to judge.")],
    label: Annotated[str, option(help="Column of `train` that says late (1, yes, true) or not.")] = "late",
    id_column: Annotated[str, option("--id", help="Column that names a row; else its number.")] = "id",
    target: Out = "-",
    summary: Summary = None,
) -> None:
    """Give each row its risk from 0 to 1 and the reasons."""
    rows = read_csv(source)
    named = next((name for name in (rows[0] if rows else ()) if name.lower() == id_column.lower()), id_column)
    answers = late_risk(read_csv(train), rows, label=label, id_column=named)
    write_results(target, (cast(Line, answer) for answer in answers), summary=summary)


def read_csv(path: Path) -> list[dict[str, str]]:
    """Every row of a CSV in any usual encoding as column -> text.

    Raises:
        BadInput: there is no such file, or a row has more cells than the header.
    """
    if not path.is_file():
        raise BadInput(field="file", expected="a CSV file", found=str(path))
    with open_text(path) as text, text.path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, restkey="", restval=""))
    for number, row in enumerate(rows, start=2):
        if "" in row and not isinstance(row[""], str):
            raise BadInput(row=number, field="row", expected="as many cells as the header has", found="more")
    return rows
