"""Listing copy in bulk by a small writer of the shop's own, under the same proof and checks as any other copy.

The student learns descriptions from product facts (approved copy, or the deterministic writer's where there is none).
Title and lines come from the deterministic writer; what the student invents is cut, and facts not told are filled in.
"""

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from zhanggui.catalog.models import CopyRequest, ListingCopy
from zhanggui.catalog.ports import BulkWriter
from zhanggui.catalog.rules.compose import compose, tell_in
from zhanggui.catalog.rules.compose_zh import facts_zh, product_word
from zhanggui.catalog.service.copywriting import WrittenListing, settle
from zhanggui.kernel.llm import Usage

STUDENT_TASK: Final = "copy"  # the task's name in the registry of text models
_BAR: Final = "｜"
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_TWICE: Final = re.compile(r"([\u3400-\u9fff])\1")
_COMMA: Final = re.compile(r"(?<=[\u3400-\u9fff」])\s*,\s*|(?<=。)\s+")
_ENDS: Final = ("。", "！", "？")
_NO_STUDENT: Final = Usage(provider="none", model="writer")


def student_source(request: CopyRequest) -> str:
    """What the student reads of a product: its kind and every fact in words, with bars between."""
    said = tell_in(request.facts, request.locale)
    kind = product_word(said, request.facts.category) or request.facts.title
    return _BAR.join([kind, *facts_zh(said)])


def student_rows(lessons: Iterable[tuple[CopyRequest, str]]) -> tuple[list[str], list[str]]:
    """Sources and targets to train on; where no description is given, the deterministic writer's is the target."""
    sources: list[str] = []
    targets: list[str] = []
    for request, description in lessons:
        sources.append(student_source(request))
        targets.append(description.strip() or compose(request).description)
    return sources, targets


class StudentCopywriter:
    """Writes and proves Chinese copy for product facts with a small trained writer; needs no chat model."""

    def __init__(self, writer: BulkWriter, name: str = "student") -> None:
        self._writer, self._name = writer, name

    def write_many(self, requests: Sequence[CopyRequest]) -> list[WrittenListing]:
        """Proved copies in the order of `requests`. Other languages than Chinese, and products of which the student
        says nothing, get the deterministic writer's copy; the note says so."""
        places = [at for at, request in enumerate(requests) if request.locale == "zh-CN"]
        began = time.perf_counter()
        told = self._writer.predict([student_source(requests[at]) for at in places])
        each = (time.perf_counter() - began) / max(1, len(places))
        said = dict(zip(places, told, strict=True))
        return [self._settled(request, said.get(at), each) for at, request in enumerate(requests)]

    def _settled(self, request: CopyRequest, told: str | None, seconds: float) -> WrittenListing:
        floor = compose(request)
        description = "" if told is None else _cased(_mended(_finished(told), request), request)
        if not description:
            note = "the student writes Chinese only" if told is None else "the student wrote nothing"
            return WrittenListing(settle(floor, request, floor), _NO_STUDENT, by_model=False, note=note)
        draft = ListingCopy(
            title=floor.title, bullets=floor.bullets, description=description, keywords=floor.keywords,
            seo_title=floor.seo_title, seo_description=description,
        )  # fmt: skip
        usage = replace(_NO_STUDENT, provider="student", model=self._name, seconds=seconds)
        return WrittenListing(settle(draft, request, floor), usage, by_model=True)


def _finished(text: str) -> str:
    """Whole sentences only: what breaks off at the end is left out, where anything whole stands before it."""
    text = text.strip()
    last = max(text.rfind(end) for end in _ENDS)
    return text[: last + 1] if last > 0 else text


def _mended(text: str, request: CopyRequest) -> str:
    """Marks as Chinese writes them, and no character stammered that no fact doubles (喇叭叭袖)."""
    known = student_source(request)
    text = _COMMA.sub(lambda found: "，" if "," in found.group() else "", text)
    return _TWICE.sub(lambda found: found.group() if found.group() in known else found.group(1), text)


def _cased(text: str, request: CopyRequest) -> str:
    """Latin words as the facts write them: the student knows small letters only."""
    known = {word.lower(): word for fact in request.facts.facts for word in _LATIN.findall(fact.value)}
    return _LATIN.sub(lambda found: known.get(found.group().lower(), found.group()), text)
