"""Does a fact support an assertion? Pure decisions: each answers with its evidence, or why there is none."""

import re
from dataclasses import dataclass

from zhanggui.catalog.models import ClaimKind, Fact
from zhanggui.catalog.rules.claims import topic_near, topics_of
from zhanggui.catalog.rules.facts import FactIndex, Known, squeeze
from zhanggui.catalog.rules.findings import Finding
from zhanggui.catalog.rules.kinds import is_a, kinds_in
from zhanggui.catalog.rules.lexicon import lexicon
from zhanggui.catalog.rules.parts import measured_part, of_the_part, part_at, speaks_of
from zhanggui.catalog.rules.soft import soft_chinese, soft_english
from zhanggui.catalog.rules.tables import table
from zhanggui.catalog.rules.tokens import has_cjk, stem, words_of
from zhanggui.catalog.rules.units import Number, same_amount

_PACK = frozenset(str(table("units")["pack_words"]).split())
_ZH_PACK = re.compile(r"[件套只个装包盒袋瓶双支条片枚]|数量|规格|包装")
_ZH_COUNTER = re.compile(r"[一-鿿]")
_ORIGIN_CUE = re.compile(
    r"origin|made in|manufactur|import|produc|country|title|产地|制造|进口|原产|国产|产自|category", re.IGNORECASE
)
_HEADINGS = frozenset({"title", "brand", "category"})
_EMPTY = frozenset(str(table("units")["empty_words"]).split())


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a finding is supported, by which facts, or why not."""

    supported: bool
    evidence: tuple[Fact, ...] = ()
    reason: str = ""
    reason_zh: str = ""
    soft: bool = False


def judge(text: str, finding: Finding, index: FactIndex) -> Verdict:
    """The verdict on one finding of `text`."""
    if finding.kind is ClaimKind.SOFT:
        return Verdict(True)
    if finding.banned:
        return _proper_name(text, finding, index) or Verdict(False, reason=finding.banned, reason_zh=finding.banned_zh)
    if finding.concepts:
        verdict = _concept(text, finding, index)
    elif finding.number is not None:
        verdict = _number(text, finding, finding.number, index)
    elif finding.kind is ClaimKind.PRODUCT:
        verdict = _product(finding.phrase, index)
    elif finding.name:
        verdict = _name(finding.name, index)
    else:
        verdict = _phrase(finding.phrase, index)
    return verdict if verdict.supported or not index.quarantined else _mention_quarantine(verdict, index)


def _mention_quarantine(verdict: Verdict, index: FactIndex) -> Verdict:
    names = ", ".join(sorted({known.fact.attribute for known in index.quarantined}))
    return Verdict(
        False,
        (),
        f"{verdict.reason}; {names} reads like an instruction and is not evidence",
        f"{verdict.reason_zh or verdict.reason}；“{names}”像一条指令，不作为依据",
        verdict.soft,
    )


def _proper_name(text: str, finding: Finding, index: FactIndex) -> Verdict | None:
    """A superlative inside the product's own name (title or brand, with a neighbour word) claims nothing more."""
    if finding.kind is not ClaimKind.SUPERLATIVE:
        return None
    left = re.search(r"\w{1,30}\W{1,5}$", text[max(0, finding.start - 36) : finding.start])
    right = re.match(r"\W{1,5}\w{1,30}", text[finding.end : finding.end + 36])
    before, after = (left.group() if left else ""), (right.group() if right else "")
    quote = squeeze(before + text[finding.start : finding.end] + after)
    whole = squeeze(text[finding.start : finding.end])
    for known in index.known:
        if known.fact.attribute in {"brand", "title"} and len(quote) > len(whole) and quote in known.squeezed:
            return Verdict(True, (known.fact,))
    return None


def _concept(text: str, finding: Finding, index: FactIndex) -> Verdict:
    wanted = tuple(dict.fromkeys(concept.id for concept in finding.concepts))
    source = index.negative if finding.negated else index.positive
    keys = sorted({i for c in finding.concepts for i in c.entails}) if finding.negated else wanted
    support = [known for key in keys for known in source.get(key, ())] or _jointly(finding, index)
    if finding.kind is ClaimKind.ORIGIN:
        support = [
            k for k in support if _ORIGIN_CUE.search(f"{k.fact.attribute} {k.fact.value}") or len(k.value_words) <= 2
        ]
    if finding.label and support:
        own = [known for known in support if known.fact.attribute == finding.label or known.fact.attribute in _HEADINGS]
        if not own:
            return Verdict(False, (), f"{finding.label} says something else", f"“{finding.label}”的值与此不同")
        support = own
    part = part_at(text, finding.start, finding.end) if support else ""
    fitting = of_the_part(finding.kind, part, support, index)
    if support and not fitting:
        name = support[0].fact.attribute
        return Verdict(False, (), f"“{name}” says it, but not of the {part}", f"“{name}”这样写，但说的不是“{part}”")
    if fitting:
        return Verdict(True, _evidence(fitting))
    verbatim = _verbatim(text[finding.start : finding.end], index, negated=finding.negated)
    if verbatim:
        return Verdict(True, verbatim)
    against = [
        known for key in wanted for known in (index.positive if finding.negated else index.negative).get(key, ())
    ]
    if against:
        name, value = against[0].fact.attribute, against[0].fact.value
        return Verdict(False, (), f"{name} says “{value}”", f"“{name}”写的是“{value}”")
    return Verdict(False, (), "no attribute says so", "没有属性这样写")


def _jointly(finding: Finding, index: FactIndex) -> list[Known]:
    """Facts that say together what one word says: black and white for 黑白."""
    for concept in finding.concepts if not finding.negated else ():
        parts = [index.positive.get(part, ()) for part in concept.all_of]
        if parts and all(parts):
            return [held[0] for held in parts]
    return []


def _verbatim(words: str, index: FactIndex, *, negated: bool) -> tuple[Fact, ...]:
    """Facts that hold these very words, where nothing denies them: a form that the lexicon reads in another way."""
    if negated:
        return ()
    quote = squeeze(words)
    if has_cjk(words):
        return tuple(k.fact for k in index.known if quote in k.squeezed and not k.negative)[:3]
    stems = {word.stem for word in words_of(words)}
    return tuple(k.fact for k in index.known if stems and stems <= k.value_words and not k.negative)[:3]


def _evidence(support: list[Known]) -> tuple[Fact, ...]:
    return tuple(dict.fromkeys(known.fact for known in support))[:3]


def _number(text: str, finding: Finding, claimed: Number, index: FactIndex) -> Verdict:
    if finding.kind is ClaimKind.PRICE:
        return _price(claimed, index)
    own = [k for k in index.known if k.fact.attribute == finding.label and k.numbers] if finding.label else []
    part = measured_part(text, finding.end)
    if part and any(
        k.fact.value.lower().rstrip("s").endswith(part) for k in index.known if k.fact.attribute in _HEADINGS
    ):
        part = ""  # the product is that part
    for known in own or index.known:
        for number in known.numbers if not part or speaks_of(known, part) else ():
            if _matches(text, finding, claimed, known, number):
                return Verdict(True, (known.fact,))
    shown = text[finding.start : finding.end]
    return Verdict(False, (), f"{shown} is not among the product's figures", f"商品数据里没有“{shown}”")


def _matches(text: str, finding: Finding, claimed: Number, known: Known, number: Number) -> bool:
    if claimed.unit is not None:
        return (
            same_amount(claimed, number) and _same_topic(finding, known, number) and _same_share(text, finding, known)
        )
    if abs(claimed.value - number.value) > 1e-9:
        return False
    return _counts(text, finding, claimed, known, number)


def _same_topic(finding: Finding, known: Known, number: Number) -> bool:
    """A width is not a length, and days of shipping are not days of return, where both sides say which."""
    if not finding.topic:
        return True
    told = topic_near(known.fact.value, number.start, number.end)
    topics = {told} if told else topics_of(known.fact.attribute)
    return not topics or finding.topic in topics


def _same_share(text: str, finding: Finding, known: Known) -> bool:
    """A percentage belongs to what stands beside it: 80 % cotton needs a fact about cotton."""
    if finding.number is None or finding.number.unit is None or finding.number.unit.dimension != "percent":
        return True
    after = words_of(text[finding.end : finding.end + 24])[:1]
    if not after or after[0].stem in _EMPTY or len(after[0].stem) < 3:
        return True
    return after[0].stem in known.words or not (known.own and _lexical(after[0].stem))


def _lexical(word: str) -> bool:
    return word in lexicon().stems


def _counts(text: str, finding: Finding, claimed: Number, known: Known, number: Number) -> bool:
    """Whether a bare fact number can back a bare claimed one: what is counted must not contradict."""
    noun = stem(finding.noun) if finding.noun else ""
    if not noun:
        return True
    heading = known.fact.attribute in _HEADINGS
    if (
        heading
        and number.counter == "件套"
        and claimed.counter not in {"件套", "件", "piece", "pieces", "pc", "pcs"}
        and noun != "pack"
    ):
        return False
    if finding.noun == "pack" or noun in _PACK or (_ZH_COUNTER.match(noun) and _ZH_PACK.search(noun)):
        words = known.words & _PACK
        if number.unit is not None:
            return False
        return bool(words) or bool(_ZH_PACK.search(known.fact.attribute + known.fact.value)) or heading
    if number.unit is not None:
        return noun in known.words and not claimed.counter
    return True


def _price(claimed: Number, index: FactIndex) -> Verdict:
    for known in index.known:
        named = "price" in known.name_words or "价" in known.fact.attribute
        equal = [n for n in known.numbers if abs(n.value - claimed.value) < 1e-9 and (named or n.currency)]
        if equal and _currency_fits(claimed, index):
            return Verdict(True, (known.fact,))
    return Verdict(False, (), "the price is another, or not known", "价格不符或未知")


def _currency_fits(claimed: Number, index: FactIndex) -> bool:
    told = claimed.currency
    if claimed.unit is not None:
        told = claimed.unit.name.removeprefix("money_").upper()
    return not told or not index.facts.currency or told == index.facts.currency.upper()


def _name(name: str, index: FactIndex) -> Verdict:
    wanted = squeeze(name)
    if not wanted:
        return Verdict(True)
    for known in index.known:
        if wanted in known.codes or (len(wanted) >= 4 and wanted in known.squeezed and _whole_words(name, known)):
            return Verdict(True, (known.fact,))
    parts = [squeeze(part) for part in re.split(r"[\s&/-]+", name) if squeeze(part)]
    holders = [
        next((k for k in index.known if p in k.codes or p in {squeeze(w) for w in k.value_words}), None) for p in parts
    ]
    if parts and all(holders):
        return Verdict(True, _evidence([known for known in holders if known]))
    stems = sorted({word.stem for word in words_of(name)})
    if stems and all(word in index.by_word for word in stems) and not any(c.isdigit() for c in name):
        return Verdict(True, _evidence([index.by_word[word][0] for word in stems]))
    return Verdict(False, (), f"“{name}” is named in no attribute", f"没有属性提到“{name}”")


def _whole_words(name: str, known: Known) -> bool:
    """Whether a name stands in a fact as whole words: A35 is not A3."""
    escaped = r"[\W_]*".join(re.escape(character) for character in squeeze(name))
    return re.search(rf"(?<![a-z0-9]){escaped}(?![a-z0-9])", known.fact.value.lower()) is not None


def _product(noun: str, index: FactIndex) -> Verdict:
    """The product is what its facts call it, or something wider or narrower; any fact that names the noun will do."""
    kinds = {known.fact: kinds_in(known.fact.value) for known in index.known}
    verbatim = _verbatim(noun, index, negated=False)
    if verbatim or is_a(noun, frozenset[str]().union(*kinds.values())):
        held = tuple(fact for fact, names in kinds.items() if names and is_a(noun, names))
        return Verdict(True, verbatim or held[:3], soft=not (verbatim or held))
    return Verdict(False, (), f"no attribute calls it “{noun}”", f"没有属性说它是“{noun}”")


def _phrase(phrase: str, index: FactIndex) -> Verdict:
    """Words of an open class: a fact must share one of them; soft when nothing in them could be proved."""
    if has_cjk(phrase):
        return _chinese_phrase(phrase, index)
    if phrase.lower().endswith("-shaped"):
        return _shape(phrase, index)
    words = [w for w in words_of(phrase) if w.stem not in _EMPTY]
    held = [known for w in words if len(w.stem) > 2 for known in index.by_word.get(w.stem, ())]
    solid = [w for w in words if not soft_english([w.text.lower()])]
    if not solid:
        return Verdict(True, soft=True)
    heads = [known for w in solid for known in index.by_word.get(w.stem, ())]
    if heads or (held and not solid):
        return Verdict(True, _evidence(heads or held))
    return Verdict(False, (), f"no attribute speaks of “{phrase}”", f"没有属性说明“{phrase}”")


def _shape(phrase: str, index: FactIndex) -> Verdict:
    """A shape needs a fact about shape: a product called Strawberry is not said to be strawberry-shaped."""
    form = squeeze(phrase.lower().removesuffix("-shaped"))
    for known in index.known:
        if form in known.squeezed and "shape" in f"{known.fact.attribute} {known.fact.value}".lower():
            return Verdict(True, (known.fact,))
    return Verdict(False, (), f"no attribute tells the shape “{phrase}”", f"没有属性说明形状“{phrase}”")


def _chinese_phrase(phrase: str, index: FactIndex) -> Verdict:
    if soft_chinese(phrase):
        return Verdict(True, soft=True)
    quote = squeeze(phrase)
    pieces = {quote[at : at + 2] for at in range(max(1, len(quote) - 1))}
    held = [known for known in index.known if any(piece in known.squeezed for piece in pieces)]
    if held:
        return Verdict(True, _evidence(held))
    return Verdict(False, (), f"no attribute speaks of “{phrase}”", f"没有属性说明“{phrase}”")
