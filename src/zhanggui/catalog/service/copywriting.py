"""Write proved listing copy: a model writes; code proves, mends once, cuts and fills up; the writer is the floor."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, Field

from zhanggui.catalog.models import Claim, CopyRequest, ListingCopy, ProvedCopy
from zhanggui.catalog.rules import cut_unsupported, fit_channel, prove
from zhanggui.catalog.rules.compose import compose, fact_line, tell_in
from zhanggui.catalog.rules.compose_en import facts_en
from zhanggui.catalog.rules.compose_zh import facts_zh, product_word
from zhanggui.catalog.rules.roles import tell
from zhanggui.catalog.rules.tokens import has_cjk, stems_of
from zhanggui.catalog.rules.wording import localised
from zhanggui.kernel.errors import ZhangguiError
from zhanggui.kernel.llm import Answer, Models, Usage, load_prompt
from zhanggui.kernel.types import JsonObject, JsonValue

TASK = "catalog.copy"
MAX_TOKENS = 400
_PROMPTS = Path(str(files("zhanggui.catalog") / "prompts"))
_NO_MODEL = Usage(provider="none", model="writer")
# Roles of attributes that a listing should not be silent about.
_WANTED = {
    "material", "colour", "size", "capacity", "weight", "count", "fit", "design", "style", "function", "audience",
    "origin", "care", "certification", "promise",
}  # fmt: skip
_MAX_BULLETS = 10
_MOST_FACTS = 14
_SENTENCE = re.compile(r".+?(?:[。！？!?]+|\.(?=\s|$)|$)\s*", re.DOTALL)
_LITTLE = frozenset({"a", "an", "the", "and", "or", "of", "with", "in", "on", "for", "to", "by", "from", "per"})


class WrittenCopy(BaseModel):
    """What a model is asked to write."""

    title: str = Field(max_length=200)
    bullets: list[str] = Field(min_length=1, max_length=6)
    description: str = Field(max_length=900)


class RewrittenSentence(BaseModel):
    """What a model is asked to mend."""

    sentence: str = Field(max_length=400)


@dataclass(frozen=True, slots=True)
class WrittenListing:
    """A proved copy, who wrote it and what it took; `note` says why the deterministic writer was used."""

    proved: ProvedCopy
    usage: Usage
    by_model: bool
    note: str = ""


class Copywriter:
    """Writes and proves copy for product facts; knows no database."""

    def __init__(self, models: Models | None) -> None:
        self._models = models
        self._prompts = {
            "en": load_prompt(_PROMPTS / "listing-copy.en.md"),
            "zh-CN": load_prompt(_PROMPTS / "listing-copy.zh.md"),
        }
        self._rewrite = load_prompt(_PROMPTS / "rewrite-sentence.md")

    def write(self, merchant_id: str, request: CopyRequest) -> WrittenListing:
        """One listing; see `write_many`."""
        return self.write_many(merchant_id, [request])[0]

    def write_many(
        self,
        merchant_id: str,
        requests: Sequence[CopyRequest],
        on_result: Callable[[int, WrittenListing], None] | None = None,
    ) -> list[WrittenListing]:
        """Proved copies in the order of `requests`, through the model's parallel slots; never raises for one item:
        where the model fails, the deterministic writer writes and the note says why. Ask outside any transaction."""
        results: dict[int, WrittenListing] = {}

        def finish(at: int, answer: Answer[WrittenCopy] | ZhangguiError) -> None:
            results[at] = self._finish(merchant_id, requests[at], answer)
            if on_result is not None:
                on_result(at, results[at])

        models = self._models
        if models is None or not models.available(TASK):
            for at, request in enumerate(requests):
                results[at] = self._by_rule(request, "no model is configured")
                if on_result is not None:
                    on_result(at, results[at])
            return [results[at] for at in range(len(requests))]
        for locale, prompt in self._prompts.items():
            places = [at for at, request in enumerate(requests) if request.locale == locale]
            variables = [_variables(requests[at]) for at in places]

            def placed(index: int, answer: Answer[WrittenCopy] | ZhangguiError, places: list[int] = places) -> None:
                finish(places[index], answer)

            if places:
                models.ask_many(merchant_id, prompt, variables, WrittenCopy, max_tokens=MAX_TOKENS, on_result=placed)
        return [results[at] for at in range(len(requests))]

    def _finish(
        self, merchant_id: str, request: CopyRequest, answer: Answer[WrittenCopy] | ZhangguiError
    ) -> WrittenListing:
        if isinstance(answer, ZhangguiError):
            return self._by_rule(request, f"the model gave nothing usable: {answer.message}")
        floor = compose(request)
        draft = _assembled(answer.value, floor)
        proved = _prove(draft, request)
        usage = answer.usage
        if _unsupported(proved):
            draft, more = self._mend(merchant_id, request, draft, proved)
            usage = usage if more is None else usage.plus(more)
        proved = settle(draft, request, floor)
        return WrittenListing(proved, usage, by_model=True)

    def _by_rule(self, request: CopyRequest, note: str) -> WrittenListing:
        floor = compose(request)
        return WrittenListing(settle(floor, request, floor), _NO_MODEL, by_model=False, note=note)

    def _mend(
        self, merchant_id: str, request: CopyRequest, draft: ListingCopy, proved: ProvedCopy
    ) -> tuple[ListingCopy, Usage | None]:
        """Have each sentence of the description with an unsupported hard claim written again, once.

        A bullet or a title is cut instead: what is true in it stands in the facts that fill the copy up.
        """
        wrong = [claim for claim in _unsupported(proved) if claim.field == "description"]
        usage: Usage | None = None
        text = ""
        for sentence in _SENTENCE.finditer(draft.description):
            claims = [claim for claim in wrong if claim.start < sentence.end() and sentence.start() < claim.end]
            mended, more = self._rewritten(merchant_id, request, sentence.group(), claims) if claims else ("", None)
            text += mended or sentence.group()
            usage = usage.plus(more) if usage is not None and more is not None else usage or more
        return replace(draft, description=text.strip(), seo_description=text.strip()), usage

    def _rewritten(
        self, merchant_id: str, request: CopyRequest, sentence: str, claims: Sequence[Claim]
    ) -> tuple[str, Usage | None]:
        """The sentence without these claims, or "" where the model has nothing better: then it is cut."""
        assert self._models is not None
        variables: JsonObject = {
            "facts": _facts(request),
            "sentence": sentence.strip(),
            "unsupported": list(dict.fromkeys(claim.text for claim in claims)),
        }
        try:
            answer = self._models.ask(
                merchant_id, self._rewrite, variables, RewrittenSentence, max_tokens=MAX_TOKENS // 3
            )
        except ZhangguiError:
            return "", None
        told = " ".join(answer.value.sentence.split())
        space = " " if told and not has_cjk(told[-1]) and told[-1] not in "。！？" else ""
        return told + space, answer.usage


def settle(draft: ListingCopy, request: CopyRequest, floor: ListingCopy) -> ProvedCopy:
    """Make a draft publishable: cut what is not supported, fill up with facts not told yet, fit the channel.

    Where a field is empty after cutting, the floor's takes its place. What was cut is named in the answer.
    """
    first = _prove(draft, request)
    kept = cut_unsupported(draft, first)
    kept = ListingCopy(
        title=kept.title or floor.title,
        bullets=kept.bullets or floor.bullets,
        description=_introduced(kept.description, draft.description, floor.description),
        keywords=kept.keywords or floor.keywords,
        seo_title=kept.seo_title,
        seo_description=kept.seo_description,
    )
    full = fit_channel(_filled_up(kept, request), request.channel)
    proved = _prove(full, request)
    if not proved.publishable:
        full = fit_channel(cut_unsupported(full, proved), request.channel)
        proved = _prove(full, request)
    if not proved.publishable:
        proved = _patched(proved, request, fit_channel(floor, request.channel))
    return replace(proved, cut=_cut_texts(draft, proved.copy))


def _introduced(kept: str, draft: str, floor: str) -> str:
    """The description that is left; where its first sentence had to go, the floor's first one stands in for it."""
    first = _SENTENCE.match(draft)
    if not kept or first is None or kept.startswith(first.group().strip()[:12]):
        return kept or floor
    opening = _SENTENCE.match(floor)
    told = opening.group().strip() if opening is not None else ""
    return f"{told}{'' if has_cjk(told[-1:]) or told.endswith('。') else ' '}{kept}" if told not in kept else kept


def _patched(proved: ProvedCopy, request: CopyRequest, floor: ListingCopy) -> ProvedCopy:
    """Take fields from the floor, the title first, until every check passes."""
    candidates = (
        replace(proved.copy, title=floor.title, seo_title=floor.seo_title),
        replace(floor, bullets=proved.copy.bullets),
        floor,
    )
    for candidate in candidates:
        tried = _prove(cut_unsupported(candidate, _prove(candidate, request)), request)
        if tried.publishable:
            return tried
    return proved


def _prove(copy: ListingCopy, request: CopyRequest) -> ProvedCopy:
    return prove(copy, request.facts, locale=request.locale, channel=request.channel, voice=request.voice)


def _unsupported(proved: ProvedCopy) -> list[Claim]:
    return [claim for claim in proved.claims if claim.hard and not claim.supported]


def _assembled(written: WrittenCopy, floor: ListingCopy) -> ListingCopy:
    title = " ".join(written.title.split())
    if _says_twice(title):
        title = floor.title
    description = " ".join(written.description.split())
    return ListingCopy(
        title=title,
        bullets=tuple(dict.fromkeys(" ".join(bullet.split()) for bullet in written.bullets if bullet.strip())),
        description=description,
        keywords=floor.keywords,
        seo_title=title,
        seo_description=description,
    )


def _says_twice(title: str) -> bool:
    """Whether a Chinese title holds the same two characters twice: 复古简约复古裤."""
    pairs = [title[at : at + 2] for at in range(len(title) - 1)]
    return any(has_cjk(pair[0]) and has_cjk(pair[1]) and pairs.count(pair) > 1 for pair in pairs)


def _filled_up(copy: ListingCopy, request: CopyRequest) -> ListingCopy:
    """Add a line for each attribute that a shopper asks about and the copy is silent on."""
    text = " ".join((copy.title, *copy.bullets, copy.description))
    missing: list[str] = []
    for said in tell_in(request.facts, request.locale):
        untold = tuple(value for value in said.values or (said.name,) if not mentions(text, value))
        if said.role in _WANTED and untold:
            missing.append(fact_line(replace(said, values=untold if said.values else ()), request.locale))
    room = max(0, _MAX_BULLETS - len(copy.bullets))
    return replace(copy, bullets=(*copy.bullets, *missing[:room]))


def mentions(text: str, value: str) -> bool:
    """Whether a copy already tells a value: all its words, in any order; in Chinese its characters but the suffix."""
    if value.lower() in text.lower():
        return True
    if has_cjk(value):
        parts = [part for part in re.split(r"[、,，;；\s]+", value) if part]
        return all(re.sub(r"(?<=.)[色款型布裤裙]$", "", part) in text for part in parts)
    return bool(stems_of(value)) and stems_of(value) - _LITTLE <= stems_of(text)


def _cut_texts(draft: ListingCopy, final: ListingCopy) -> tuple[str, ...]:
    before = (draft.title, *draft.bullets, draft.description)
    after = " ".join((final.title, *final.bullets, final.description))
    return tuple(text for text in before if text and text not in after)


def _facts(request: CopyRequest) -> JsonObject:
    """What the model is told: the product's names, and each attribute in a line as a shopper would read it."""
    facts = localised(request.facts, request.locale)
    shown: JsonObject = {}
    if facts.title or request.facts.title:
        shown["product"] = facts.title or request.facts.title
    if facts.brand:
        shown["brand"] = facts.brand
    said = tell(facts)
    if request.locale == "zh-CN" and (word := product_word(said, facts.category)):
        shown["kind"] = word
    elif facts.category and "product" not in shown:
        shown["kind"] = facts.category[-1]
    lines = facts_zh(said) if request.locale == "zh-CN" else facts_en(said)
    told: list[JsonValue] = [*lines[:_MOST_FACTS]]
    return {**shown, "facts": told}


def _variables(request: CopyRequest) -> JsonObject:
    voice = " ".join((request.voice.style, *request.voice.examples)).strip()
    return {"facts": _facts(request), "voice": voice}
