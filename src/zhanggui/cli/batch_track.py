"""`batch track`: raw tracking answers of a carrier in one vocabulary, with who pays and by when."""

from collections.abc import Iterator, Sequence
from typing import Annotated, cast

from zhanggui.cli.batch_orders import result_of
from zhanggui.cli.lines import In, Line, Out, Result, Summary, run_lines
from zhanggui.cli.options import option
from zhanggui.connectors.carriers import CARRIERS, parse_tracking
from zhanggui.kernel.types import JsonValue
from zhanggui.orders import track_lines


def track(
    carrier: Annotated[str, option(help=f"One of {', '.join(sorted(CARRIERS))}; others are kept raw and flagged.")],
    source: In = "-",
    target: Out = "-",
    summary: Summary = None,
) -> None:
    """Read one raw tracking payload a line."""

    def many(lines: Sequence[Line]) -> Iterator[Result]:
        for answer in track_lines(cast(Sequence[JsonValue], lines), carrier, parse_tracking):
            yield result_of(answer)

    run_lines(source, target, many, summary=summary)
