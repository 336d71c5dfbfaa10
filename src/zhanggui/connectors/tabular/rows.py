"""Rows of a CSV file: every good one, and a BadInput that names the row and the field for every bad one."""

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from typing import IO

from zhanggui.connectors.tabular.cells import neutralise, restore
from zhanggui.connectors.tabular.upload import TextFile
from zhanggui.kernel.errors import BadInput

_DELIMITERS = ",;\t|"
_LONGEST_RECORD_LINES = 2_000
_BROKEN_RECORD_LINES = 20
csv.field_size_limit(1 << 30)

Row = tuple[int, dict[str, str]]


def write_row(cells: Sequence[str], *, delimiter: str = ",") -> str:
    """One CSV line (CRLF), formulas neutralised."""
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter).writerow([neutralise(cell) for cell in cells])
    return line.getvalue()


class _Lines:
    """Physical lines that can be put back."""

    def __init__(self, stream: IO[str], longest: int) -> None:
        self._stream, self._longest = stream, longest
        self._back: deque[str] = deque()

    def next(self) -> str:
        """The next line with its end; an over-long one is cut (no end); empty at the end of the file."""
        if self._back:
            return self._back.popleft()
        line = self._stream.readline(self._longest)
        if len(line) >= self._longest and not line.endswith(("\n", "\r")):
            while (rest := self._stream.readline(self._longest)) and not rest.endswith(("\n", "\r")):
                pass
        return line

    def put_back(self, lines: Sequence[str]) -> None:
        """Read these again."""
        self._back.extendleft(reversed(lines))


class CsvTable:
    """A CSV file with a header row. Row numbers are a spreadsheet's: the header is row 1, blank lines do not count."""

    def __init__(self, source: TextFile) -> None:
        """Read the header.

        Raises:
            BadInput: the file is empty, a column name is there twice, or the header has an unclosed quote.
        """
        self.source = source
        with source.path.open(encoding="utf-8", newline="") as stream:
            header, closed = self._header_lines(_Lines(stream, source.limits.cell_characters))
        if not header.strip():
            raise BadInput(field="file", expected="a header row", found="an empty file", row=1)
        if not closed:
            raise BadInput(field="file", expected="a closing quote in the header", found=header, row=1)
        self.delimiter = max(_DELIMITERS, key=lambda mark: _outside_quotes(header).count(mark))
        cells = self._cells(header, strict=False)
        self.columns = [restore(cell.strip()) or f"(column {index})" for index, cell in enumerate(cells, 1)]
        twice = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if twice:
            raise BadInput(field=twice[0], expected="a column name used once", found="the same name again", row=1)

    def rows(self) -> Iterator[Row | BadInput]:
        """Every data row as (row number, cells by column, formulas restored), or what is wrong with it."""
        with self.source.path.open(encoding="utf-8", newline="") as stream:
            lines = _Lines(stream, self.source.limits.cell_characters * 4)
            self._header_lines(lines)
            number = 1
            while pending := self._record(lines):
                if not "".join(pending).strip("\r\n"):
                    continue
                number += 1
                row = self._parse(number, pending)
                if isinstance(row, BadInput) and len(pending) > _BROKEN_RECORD_LINES:
                    # A quote that was never closed swallowed good rows: only the line that opened it is bad.
                    lines.put_back(pending[1:])
                    row = BadInput(row=number, field="row", expected="a closing quote", found=pending[0])
                yield row

    def good_rows(self) -> Iterator[dict[str, str]]:
        """The cells of the rows that can be read; for statistics, where problems are told elsewhere."""
        return (row[1] for row in self.rows() if not isinstance(row, BadInput))

    @staticmethod
    def _header_lines(lines: _Lines) -> tuple[str, bool]:
        header = ""
        while line := lines.next():
            header += line
            closed = header.count('"') % 2 == 0
            if (closed and header.strip()) or len(header) > 1_000_000:
                return header, closed
        return header, not header.strip()

    @staticmethod
    def _record(lines: _Lines) -> list[str]:
        """The physical lines of one record. A quote still open at the end of the file or past the limits: one line."""
        pending: list[str] = []
        still_open = False
        while line := lines.next():
            pending.append(line)
            still_open ^= line.count('"') % 2 == 1
            if not still_open:
                return pending
            if len(pending) >= _LONGEST_RECORD_LINES:
                break
        lines.put_back(pending[1:])
        return pending[:1]

    def _cells(self, record: str, *, strict: bool) -> list[str]:
        return next(csv.reader(io.StringIO(record, newline=""), delimiter=self.delimiter, strict=strict))

    def _parse(self, number: int, lines: list[str]) -> Row | BadInput:
        record = "".join(lines)
        if record.count('"') % 2 == 1:
            return BadInput(row=number, field="row", expected="a closing quote", found=record)
        try:
            cells = self._cells(record, strict=True)
        except csv.Error as broken:
            return BadInput(row=number, field="row", expected="well-formed CSV", found=f"{record[:80]} ({broken})")
        if len(cells) != len(self.columns):
            found = f"{len(cells)} cells"
            return BadInput(row=number, field="row", expected=f"{len(self.columns)} cells", found=found)
        return self._checked(number, dict(zip(self.columns, map(restore, cells), strict=True)))

    def _checked(self, number: int, values: dict[str, str]) -> Row | BadInput:
        longest = self.source.limits.cell_characters
        for name, cell in values.items():
            if "\0" in cell:
                return BadInput(row=number, field=name, expected="text without NUL characters", found=cell)
            if len(cell) > longest:
                return BadInput(row=number, field=name, expected=f"at most {longest} characters", found=cell)
        return number, values


def _outside_quotes(text: str) -> str:
    return "".join(text.split('"')[0::2])
