"""`batch uplift`: how much a contact moves each customer, learnt from a random experiment in a CSV."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, cast

from zhanggui.cli.common import err
from zhanggui.cli.lines import Line, Out, Summary, write_results
from zhanggui.cli.options import option
from zhanggui.connectors.tabular import open_text
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Locale
from zhanggui.marketing import UpliftModel, read_trial, uplift_lines

_Rows = list[dict[str, str] | BadInput]


def uplift(  # noqa: PLR0913 - one parameter for each option of the contract
    experiment: Annotated[Path, option(help="CSV of a random experiment: one customer a row.")],
    treatment: Annotated[str, option(help="Column that says how a customer was contacted.")],
    control: Annotated[str, option(help="Value of that column for those who were not contacted.")],
    outcome: Annotated[str, option(help="Column of what came of it: 1 or 0, yes or no, or an amount.")],
    source: Annotated[Path, option("--in", help="CSV of the customers to judge.")],
    id_column: Annotated[str, option("--id", help="Column that names a row; else its number.")] = "id",
    ignore: Annotated[str, option(help="Columns, between commas, that were not known before the contact.")] = "",
    locale: Annotated[Locale, option(help="Language of the reasons.")] = "en",
    target: Out = "-",
    summary: Summary = None,
) -> None:
    """Give each customer the effect of a contact, its interval, a segment and the reasons."""
    past, asked = read_rows(experiment), read_rows(source)
    good = [row for row in asked if not isinstance(row, BadInput)]
    named = next((name for name in (good[0] if good else ()) if name.lower() == id_column.lower()), id_column)
    learnt = [row for row in past if not isinstance(row, BadInput)]
    trial = read_trial(learnt, treatment=treatment, control=control, outcome=outcome)
    problems = [*(row for row in past if isinstance(row, BadInput)), *trial.problems]
    left_out = [treatment, outcome, named, *(name.strip() for name in ignore.split(","))]
    model = UpliftModel.fit(trial, good, ignore=left_out)
    _tell(problems, model, experiment.name)
    answers = uplift_lines(model, asked, id_column=named, locale=locale)
    write_results(target, (one if isinstance(one, BadInput) else cast(Line, one) for one in answers), summary=summary)


def read_rows(path: Path) -> _Rows:
    """Every row of a CSV in any usual encoding as column -> text; a row with more cells than the header is its error.

    Raises:
        BadInput: there is no such file, or it has no header.
    """
    if not path.is_file():
        raise BadInput(field="file", expected="a CSV file", found=str(path))
    rows: _Rows = []
    with open_text(path) as text, text.path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=_delimiter(text.path))
        header = [name.strip() for name in _first(reader)]
        if not any(header):
            raise BadInput(field="file", expected="a header with column names", found="an empty file")
        for number, cells in enumerate(reader, start=2):
            if not cells:
                continue
            if len(cells) > len(header):
                expected = f"{len(header)} cells, as the header has"
                rows.append(BadInput(row=number, field="row", expected=expected, found=str(len(cells))))
            else:
                padded = [*cells, *([""] * (len(header) - len(cells)))]
                rows.append(dict(zip(header, padded, strict=True)))
    return rows


def _first(reader: Iterator[list[str]]) -> list[str]:
    for cells in reader:
        return cells
    return []


def _delimiter(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        first = file.readline()
    return max(",;\t", key=first.count)


def _tell(problems: list[BadInput], model: UpliftModel, name: str) -> None:
    for bad in problems[:20]:
        err.print(f"{name}: {bad.message}", markup=False, highlight=False)
    if len(problems) > 20:
        err.print(f"{name}: {len(problems) - 20} more rows were left out", markup=False, highlight=False)
    for column, reason in model.table.left_out:
        err.print(f"{name}: column {column!r} is not used: it {reason}", markup=False, highlight=False)
