"""JSON Lines in, JSON Lines out: what every batch command shares.

One output line for each input line, same order, `id` carried over; a bad line becomes an error line and the others run.
"""

import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated, Any, cast

import orjson
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

from zhanggui.cli.common import err
from zhanggui.cli.options import option
from zhanggui.kernel.errors import BadInput, ZhangguiError

Line = dict[str, Any]
Result = Line | ZhangguiError
In = Annotated[str, option("--in", help="JSON Lines to read; `-` is standard input.")]
Out = Annotated[str, option("--out", help="JSON Lines to write; `-` is standard output.")]
Summary = Annotated[Path | None, option("--json-summary", help="Write counts, seconds and cost to this file.")]
MAX_LINE = 16 * 2**20


@dataclass
class Totals:
    """Counts of one run; `cost` adds up what lines report under `usage`."""

    lines: int = 0
    failed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    started: float = field(default_factory=time.perf_counter)

    def as_summary(self) -> Line:
        """What `--json-summary` writes."""
        return {
            "lines": self.lines,
            "ok": self.lines - self.failed,
            "failed": self.failed,
            "seconds": round(time.perf_counter() - self.started, 3),
            "cost": {"input_tokens": self.input_tokens, "output_tokens": self.output_tokens},
        }


def run_lines(
    source: str,
    target: str,
    handle: Callable[[Sequence[Line]], Iterable[Result]],
    *,
    chunk: int = 256,
    summary: Path | None = None,
    skipped: int = 0,
) -> None:
    """Read lines, give the good ones to `handle` in chunks, write one line for each in order; ends the command.

    Args:
        source: path of JSON Lines (UTF-8, a BOM is passed over), or `-`.
        target: path, or `-`.
        handle: results in the order of its lines; raising fails the whole chunk.
        chunk: lines given at once.
        summary: where counts go.
        skipped: bad rows that were found before (in a training file), counted as failed.

    Raises:
        typer.Exit: with 1 when any line failed.
    """
    totals = Totals(failed=skipped)
    with _reading(source) as reader, _writing(target) as writer, _progress(source) as tick:
        for batch in _batches(_parsed(reader), chunk):
            for identity, result in _answered(batch, handle):
                _count(totals, result)
                writer.write(orjson.dumps({"id": _identity(identity, result), **_shown(result)}) + b"\n")
                tick()
    _finish(totals, summary)


def write_results(target: str, results: Iterable[Result], *, summary: Path | None = None) -> None:
    """Write results that do not come from input lines one by one; ends the command as `run_lines` does."""
    totals = Totals()
    with _writing(target) as writer:
        for result in results:
            _count(totals, result)
            writer.write(orjson.dumps({"id": _identity(None, result), **_shown(result)}) + b"\n")
    _finish(totals, summary)


def _finish(totals: Totals, summary: Path | None) -> None:
    if summary is not None:
        summary.write_bytes(orjson.dumps(totals.as_summary(), option=orjson.OPT_INDENT_2) + b"\n")
    if totals.failed:
        err.print(f"{totals.failed} of {totals.lines} lines failed; each says why in the output", markup=False)
        raise typer.Exit(1)


def each(handle: Callable[[Line], Line]) -> Callable[[Sequence[Line]], Iterator[Result]]:
    """A handler of chunks from a handler of single lines; an error of ours fails just its line."""

    def chunk(lines: Sequence[Line]) -> Iterator[Result]:
        for line in lines:
            try:
                yield handle(line)
            except ZhangguiError as failed:
                yield failed

    return chunk


def text_of(line: Mapping[str, Any], name: str, *, required: bool = True) -> str:
    """A text field of a line.

    Raises:
        BadInput: it is missing or no text.
    """
    value = line.get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise BadInput(field=name, expected="text", found=_brief(value))
    return value


def list_of(line: Mapping[str, Any], name: str) -> list[str]:
    """A field that is a list of texts.

    Raises:
        BadInput: it is missing, no list, or holds something that is no text.
    """
    value: object = line.get(name)
    items = cast(list[object], value) if isinstance(value, list) else None
    if items is None or not all(isinstance(item, str) for item in items):
        raise BadInput(field=name, expected="a list of texts", found=_brief(line.get(name)))
    return cast(list[str], items)


def read_json_lines(path: Path) -> Iterator[Line]:
    """Every line of a side file (training data), strictly.

    Raises:
        BadInput: a line is no JSON object; names the row.
    """
    with _reading(str(path)) as reader:
        for row, (_, parsed) in enumerate(_parsed(reader), 1):
            if isinstance(parsed, BadInput):
                raise BadInput(field=parsed.field, expected=parsed.expected, found=parsed.found, row=row)
            yield parsed


def _parsed(reader: Iterable[bytes]) -> Iterator[tuple[Any, Line | BadInput]]:
    for number, raw in enumerate(reader):
        text = raw.removeprefix(b"\xef\xbb\xbf") if number == 0 else raw
        if not text.strip():
            continue
        try:
            if len(text) > MAX_LINE:
                raise BadInput(field="line", expected="at most 16 MiB", found=f"{len(text)} bytes")
            value: object = orjson.loads(text)
        except orjson.JSONDecodeError:
            yield None, BadInput(field="line", expected="a JSON object in UTF-8", found=repr(text[:80]))
            continue
        except BadInput as too_long:
            yield None, too_long
            continue
        if isinstance(value, dict):
            line = cast(Line, value)
            yield line.get("id"), line
        else:
            yield None, BadInput(field="line", expected="a JSON object", found=_brief(value))


def _batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _answered(
    batch: list[tuple[Any, Line | BadInput]], handle: Callable[[Sequence[Line]], Iterable[Result]]
) -> Iterator[tuple[Any, Result]]:
    good = [parsed for _, parsed in batch if not isinstance(parsed, BadInput)]
    results: Iterator[Result] = iter(handle(good)) if good else iter(())
    for identity, parsed in batch:
        yield identity, parsed if isinstance(parsed, BadInput) else next(results)


def _identity(given: Any, result: Result) -> Any:
    # What the line is called, or what the answer calls it where the line has no name (a parcel's number).
    return result.get("id") if given is None and not isinstance(result, ZhangguiError) else given


def _shown(result: Result) -> Line:
    if isinstance(result, BadInput):
        row = {} if result.row is None else {"row": result.row}
        return {"error": {**row, "field": result.field, "expected": result.expected, "found": result.found}}
    if isinstance(result, ZhangguiError):
        return {"error": {"field": "", "expected": "", "found": result.message}}
    return {name: value for name, value in result.items() if name != "id"}


def _count(totals: Totals, result: Result) -> None:
    totals.lines += 1
    if isinstance(result, ZhangguiError):
        totals.failed += 1
        return
    usage = result.get("usage")
    if isinstance(usage, dict):
        totals.input_tokens += int(cast(Line, usage).get("input_tokens", 0))
        totals.output_tokens += int(cast(Line, usage).get("output_tokens", 0))


def _brief(value: object) -> str:
    return "nothing" if value is None else repr(value)[:200]


@contextmanager
def _reading(source: str) -> Generator[IO[bytes]]:
    if source == "-":
        yield sys.stdin.buffer
        return
    path = Path(source)
    if not path.is_file():
        raise BadInput(field="--in", expected="a file", found=source)
    with path.open("rb") as reader:
        yield reader


@contextmanager
def _writing(target: str) -> Generator[IO[bytes]]:
    if target == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(target)
    if not path.parent.is_dir():
        raise BadInput(field="--out", expected="a file in a folder that exists", found=target)
    with path.open("wb") as writer:
        yield writer


@contextmanager
def _progress(source: str) -> Generator[Callable[[], None]]:
    if not sys.stderr.isatty():
        yield lambda: None
        return
    total: int | None = None
    if source != "-":
        with Path(source).open("rb") as reader:
            total = sum(1 for line in reader if line.strip())
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as bar:
        task = bar.add_task("lines", total=total)
        yield lambda: bar.advance(task)
