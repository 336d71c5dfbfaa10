"""A copy shown with its proof: what each claim rests on, sentence by sentence. Pure."""

from collections.abc import Iterable

from zhanggui.catalog import Claim, CopyCheck, ListingCopy, ProvedCopy
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import cell, chip, table
from zhanggui.web.session import Visit

_TEXTS = ("title", "description", "seo_title", "seo_description")


def proved_copy(visit: Visit, proved: ProvedCopy) -> Markup:
    """Every field of the copy, its claims marked: green proved, red unproved, grey soft wording."""
    copy = proved.copy
    parts: list[Child] = [h("h3", marked(visit, copy.title, _of(proved, "title")), class_="zg-copy-title")]
    if copy.bullets:
        items = (h("li", marked(visit, text, _of(proved, "bullets", at))) for at, text in enumerate(copy.bullets))
        parts.append(h("ul", *items))
    if copy.description:
        parts.append(_paragraphs(visit, copy.description, _of(proved, "description")))
    if copy.keywords:
        words = (marked(visit, text, _of(proved, "keywords", at)) for at, text in enumerate(copy.keywords))
        parts.append(h("p", *(h("span", word, class_="zg-keyword") for word in words), class_="zg-keywords"))
    for name in ("seo_title", "seo_description"):
        text: str = getattr(copy, name)
        if text:
            parts.append(h("p", h("small", visit.t(f"copy.{name}")), h("br"), marked(visit, text, _of(proved, name))))
    return h("div", *parts, class_="zg-copy")


def plain_copy(visit: Visit, copy: ListingCopy) -> Markup:
    """The same fields without proof, for what is live or was written by others."""
    return proved_copy(visit, ProvedCopy(copy, (), ()))


def _of(proved: ProvedCopy, field: str, item: int = 0) -> list[Claim]:
    found = [claim for claim in proved.claims if claim.field == field and claim.item == item]
    return sorted(found, key=lambda claim: (claim.start, -claim.end))


def _paragraphs(visit: Visit, text: str, claims: list[Claim]) -> Markup:
    return h("p", marked(visit, text, claims), class_="zg-pre")


def marked(visit: Visit, text: str, claims: Iterable[Claim]) -> Markup:
    """The text with its claims as marks that tell their proof on hover and focus."""
    pieces: list[Child] = []
    at = 0
    for claim in claims:
        if claim.start < at or claim.end > len(text):
            continue  # inside a claim that is marked already
        pieces += [text[at : claim.start], _mark(visit, text[claim.start : claim.end], claim)]
        at = claim.end
    return h("span", *pieces, text[at:])


def _mark(visit: Visit, text: str, claim: Claim) -> Markup:
    tone, tip = _verdict(visit, claim)
    return h("mark", text, class_=f"is-{tone}", tabindex="0", data_tip=tip, aria_label=f"{text} ({tip})")


def _verdict(visit: Visit, claim: Claim) -> tuple[str, str]:
    if not claim.hard:
        return "soft", visit.t("proof.soft")
    if claim.supported:
        grounds = "; ".join(f"{fact.attribute}: {fact.value}" for fact in claim.evidence)
        return "ok", visit.t("proof.rests_on", grounds=grounds)
    return "bad", visit.t("proof.unsupported", reason=claim.told(visit.locale))


def legend(visit: Visit, proved: ProvedCopy) -> Markup:
    """How many claims there are of each colour, and what the colours mean."""
    hard = [claim for claim in proved.claims if claim.hard]
    good = sum(claim.supported for claim in hard)
    soft = len(proved.claims) - len(hard)
    return h(
        "p",
        chip(visit.t("proof.n_supported", count=good), "ok"),
        chip(visit.t("proof.n_unsupported", count=len(hard) - good), "bad" if len(hard) > good else "plain"),
        chip(visit.t("proof.n_soft", count=soft), "soft"),
        class_="zg-chips",
    )


def claims_table(visit: Visit, proved: ProvedCopy) -> Markup:
    """Every claim with its kind and what proves it, for reading in order."""
    heads = [visit.t(f"proof.{name}") for name in ("claim", "kind", "ground")]
    rows = (
        h(
            "tr",
            cell(heads[0], claim.text),
            cell(heads[1], visit.name_of("claim", str(claim.kind))),
            cell(heads[2], chip(_verdict(visit, claim)[1], _verdict(visit, claim)[0])),
        )
        for claim in proved.claims
    )
    return h("details", h("summary", visit.t("proof.list", count=len(proved.claims))),
             table(heads, rows, label=visit.t("proof.list", count=len(proved.claims))))  # fmt: skip


def checks_list(visit: Visit, checks: Iterable[CopyCheck]) -> Markup:
    """Each check with its verdict and reason; those that failed come first."""
    ordered = sorted(checks, key=lambda check: check.passed)
    return h("ul", *(_check(visit, check) for check in ordered), class_="zg-checks")


def _check(visit: Visit, check: CopyCheck) -> Markup:
    tone = "ok" if check.passed else "bad" if check.blocking else "warn"
    verdict = visit.t("check.passed" if check.passed else "check.failed" if check.blocking else "check.warning")
    return h(
        "li",
        chip(verdict, tone),
        h("div", h("b", visit.name_of("check", check.name)), h("small", check.told(visit.locale))),
    )
