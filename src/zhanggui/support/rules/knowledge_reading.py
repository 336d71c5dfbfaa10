"""Texts of knowledge, cut into passages: Markdown, plain text, HTML, JSON, JSON Lines, CSV. Pure.

Passages of Markdown and plain text are slices of the file, so that a quote can be found in it to the letter.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import orjson

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, Locale
from zhanggui.support.models.knowledge import Passage
from zhanggui.support.rules.knowledge_html import html_passages

LONGEST_PASSAGE = 1200
SUFFIXES = frozenset(
    {".md", ".markdown", ".txt", ".text", ".html", ".htm", ".json", ".jsonl", ".ndjson", ".csv", ".tsv"}
)
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_ASKED = re.compile(
    r"^\s*(?:\*\*|__)?(?:Q|Question|问|问题)\s*\d*\s*[:：.、]\s*(?P<text>.+?)(?:\*\*|__)?\s*$", re.IGNORECASE
)
_ANSWERED = re.compile(r"^\s*(?:\*\*|__)?(?:A|Answer|答|回答|答案)\s*\d*\s*[:：.、](?:\*\*|__)?\s*", re.IGNORECASE)
_QUESTION_END = re.compile(r"[?？]\s*$")
_QUESTION_NAMES = ("question", "q", "title", "问题", "问", "标题", "query")
_ANSWER_NAMES = ("answer", "a", "text", "body", "content", "答案", "答", "回答", "内容", "response")
_PAGE_NAMES = ("html",)  # a saved page of a crawl: its passages are those of the page, under its address
_ID_NAMES = ("id", "key", "slug", "编号")


@dataclass(frozen=True, slots=True)
class ReadKnowledge:
    """What a file gave: its passages, and the rows that are bad."""

    passages: tuple[Passage, ...]
    problems: tuple[BadInput, ...] = ()


def language_of(text: str, default: Locale = "en") -> Locale:
    """The language of a text by its letters: Chinese where at least a quarter is Han (one counts as two letters)."""
    head = text[:4000]
    letters = len(_LETTER.findall(head))
    if not letters:
        return default
    han = len(_HAN.findall(head))
    return "zh-CN" if 2 * han >= 0.25 * (letters + han) else "en"


def read_knowledge(name: str, text: str, *, ending: str = "") -> ReadKnowledge:
    """Passages of one file.

    Args:
        name: path of the file as citations name it; its ending says the format, unknown endings are plain text.
        ending: the format where the name does not say it, such as an address.
        text: the whole content.

    Raises:
        BadInput: JSON that cannot be read, or a table without columns of questions and answers.
    """
    ending = ending or name.lower().rpartition(".")[2]
    if ending in ("jsonl", "ndjson"):
        return _pairs(name, _json_lines(text))
    if ending == "json":
        return _pairs(name, _json_rows(text))
    if ending in ("csv", "tsv"):
        return _pairs(name, _csv_rows(text))
    if ending in ("html", "htm"):
        return ReadKnowledge(tuple(_numbered(name, html_passages(text))))
    return ReadKnowledge(tuple(_numbered(name, text_passages(text))))


def text_passages(text: str) -> Iterator[tuple[str, str]]:
    """(title, verbatim slice) of each passage of Markdown or plain text: sections, cut at blank lines where long."""
    headings: list[tuple[int, str]] = []
    for level, heading, body in _sections(text.replace("\r\n", "\n")):
        if heading:
            headings = [one for one in headings if one[0] < level] + [(level, heading)]
        title = " / ".join(words for _, words in headings[-2:])
        yield from _asked_and_answered(title, body)


def _sections(text: str) -> Iterator[tuple[int, str, str]]:
    level, heading, lines, fenced = 0, "", list[str](), False
    for line in text.split("\n"):
        fenced ^= bool(_FENCE.match(line))
        found = None if fenced else _HEADING.match(line)
        under = None if fenced or not lines or not lines[-1].strip() else _UNDERLINE.match(line)
        if found:
            yield level, heading, "\n".join(lines)
            level, heading, lines = len(found[1]), found[2], []
        elif under and len(lines[-1]) < 200 and (len(lines) == 1 or not lines[-2].strip()):
            title = lines.pop().strip()
            yield level, heading, "\n".join(lines)
            level, heading, lines = (1 if under[1][0] == "=" else 2), title, []
        else:
            lines.append(line)
    yield level, heading, "\n".join(lines)


def _asked_and_answered(title: str, body: str) -> Iterator[tuple[str, str]]:
    # `Q: ... A: ...` inside a text are pairs; what stands outside of them are paragraphs.
    asked, lines = "", list[str]()
    for line in body.split("\n"):
        if found := _ASKED.match(line):
            yield from _paragraphs(asked or title, "\n".join(lines))
            asked, lines = found["text"], []
        elif asked and _ANSWERED.match(line):
            lines = [_ANSWERED.sub("", line, count=1)]
        else:
            lines.append(line)
    yield from _paragraphs(asked or title, "\n".join(lines))


def _paragraphs(title: str, body: str) -> Iterator[tuple[str, str]]:
    body = body.strip()
    if not body:
        return
    if len(body) <= LONGEST_PASSAGE and (title or "\n\n" not in body):
        yield title, body
        return
    for part in re.split(r"\n[ \t]*\n", body):
        for piece in _pieces(part.strip()):
            yield title, piece


def _pieces(text: str) -> Iterator[str]:
    """A paragraph, or slices of an overlong one that end where a sentence does."""
    while len(text) > LONGEST_PASSAGE:
        ends = [found.end() for found in re.finditer(r"[。！？!?；;\n]|\.\s", text[:LONGEST_PASSAGE])]
        cut = ends[-1] if ends and ends[-1] > LONGEST_PASSAGE // 4 else LONGEST_PASSAGE
        yield text[:cut].strip()
        text = text[cut:].strip()
    if text:
        yield text


def _numbered(name: str, found: Iterator[tuple[str, str]]) -> Iterator[Passage]:
    for number, (title, body) in enumerate(found, 1):
        source = f"{name}#{number}"
        last = title.rpartition(" / ")[2]
        asks = bool(_QUESTION_END.search(last))
        yield Passage(source, last if asks else title, body, language_of(f"{title} {body}"), question=asks)


def _json_lines(text: str) -> Iterator[JsonObject | BadInput]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield _as_object(orjson.loads(line), number)
        except orjson.JSONDecodeError:
            yield BadInput(field="line", expected="a JSON object", found=line[:80], row=number)


def _json_rows(text: str) -> Iterator[JsonObject | BadInput]:
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        # Some write lines and call them .json.
        yield from _json_lines(text)
        return
    if isinstance(value, dict):
        lists: list[object] = [one for one in cast(dict[str, object], value).values() if isinstance(one, list)]
        value = lists[0] if len(lists) == 1 else [cast(object, value)]
    if not isinstance(value, list):
        raise BadInput(field="file", expected="a list of questions and answers", found=text[:80])
    for number, row in enumerate(cast(list[object], value), 1):
        yield _as_object(row, number)


def _as_object(value: object, row: int) -> JsonObject | BadInput:
    if isinstance(value, dict):
        return cast(JsonObject, value)
    return BadInput(field="row", expected="an object with question and answer", found=repr(value)[:80], row=row)


def _csv_rows(text: str) -> Iterator[JsonObject | BadInput]:
    head = text[:4096]
    delimiter = "\t" if head.count("\t") > head.count(",") else ";" if head.count(";") > 2 * head.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names: list[str] = []
    try:
        for number, cells in enumerate(rows, 1):
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = [cell.strip().lower() for cell in cells]
                if _column(names, _QUESTION_NAMES) is not None and _column(names, _ANSWER_NAMES) is not None:
                    continue
                if len(cells) != 2:
                    raise BadInput(field="columns", expected="question and answer", found=", ".join(names))
                names = ["question", "answer"]
            if len(cells) > len(names):
                yield BadInput(field="row", expected=f"{len(names)} cells", found=str(len(cells)), row=number)
                continue
            yield dict(zip(names, cells, strict=False))
    except csv.Error as broken:
        yield BadInput(field="row", expected="CSV", found=str(broken), row=rows.line_num)


def _column(names: list[str], wanted: tuple[str, ...]) -> str | None:
    return next((one for one in wanted if one in names), None)


def _pairs(name: str, rows: Iterator[JsonObject | BadInput]) -> ReadKnowledge:
    passages: list[Passage] = []
    problems: list[BadInput] = []
    for number, row in enumerate(rows, 1):
        if isinstance(row, BadInput):
            problems.append(row)
            continue
        if page := _field(row, _PAGE_NAMES):
            address = _field(row, ("url",)).strip()[:300] or f"{name}#{number}"
            passages += _numbered(address, html_passages(page))
            continue
        asked, answered = _field(row, _QUESTION_NAMES), _field(row, _ANSWER_NAMES).strip()
        if not answered:
            problems.append(BadInput(field="answer", expected="text", found="nothing", row=number))
            continue
        identity = _field(row, _ID_NAMES).strip()[:200] or str(number)
        locale = language_of(f"{asked} {answered}")
        passages.append(Passage(f"{name}#{identity}", asked.strip(), answered, locale, question=bool(asked.strip())))
    return ReadKnowledge(tuple(passages), tuple(problems))


def _field(row: Mapping[str, object], names: tuple[str, ...]) -> str:
    low = {key.strip().lower(): value for key, value in row.items()}
    for one in names:
        value = low.get(one)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value)
    return ""
