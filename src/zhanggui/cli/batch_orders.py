"""`batch orders`: actions on a shop file under a policy, in order, as a chat agent would call them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, cast

import orjson

from zhanggui.cli.lines import In, Line, Out, Result, Summary, run_lines
from zhanggui.cli.options import option
from zhanggui.kernel.errors import BadInput, ZhangguiError
from zhanggui.kernel.types import JsonObject, JsonValue
from zhanggui.orders import ShopRun, load_policy


def orders(
    shop: Annotated[Path, option(help="The shop's database as JSON: products, users, orders.")],
    source: In = "-",
    target: Out = "-",
    policy: Annotated[str, option(help="Shipped policy by name, or a YAML file.")] = "tau2_retail",
    final_state: Annotated[Path | None, option(help="Write the shop as it ends to this file.")] = None,
    summary: Summary = None,
) -> None:
    """Decide and carry out actions: every answer lists the rules with pass or fail."""
    try:
        document: JsonValue = orjson.loads(shop.read_bytes())
    except (OSError, orjson.JSONDecodeError) as broken:
        raise BadInput(field="--shop", expected="a JSON file", found=str(shop)) from broken
    run = ShopRun.open(document, load_policy(policy))

    def many(lines: Sequence[Line]) -> Iterator[Result]:
        for answer in run.decide_lines(cast(Sequence[JsonValue], lines)):
            yield result_of(answer)

    try:
        run_lines(source, target, many, summary=summary)
    finally:
        if final_state is not None:
            final_state.write_bytes(orjson.dumps(run.final_state(), option=orjson.OPT_INDENT_2))


def result_of(answer: JsonObject) -> Line | ZhangguiError:
    """An answer of a use case as a line, its error as ours."""
    error = answer.get("error")
    if isinstance(error, dict):
        return BadInput(field=str(error["field"]), expected=str(error["expected"]), found=str(error["found"]))
    return answer
