"""English bullets, titles and descriptions from attributes."""

import re
from collections.abc import Sequence

from zhanggui.catalog.models import ClaimKind
from zhanggui.catalog.rules.lexicon import find_mentions
from zhanggui.catalog.rules.roles import Said
from zhanggui.catalog.rules.tokens import stem, stems_of, words_of

_MEASURE = re.compile(r"\d+(?:\.\d+)?\s?[A-Za-z\"]+")
_MEASURED = {"width": "wide", "height": "high", "depth": "deep", "length": "long", "diameter": "in diameter"}
_ING = re.compile(r"(?:(\w)\1)?ing$")  # shipping is about ships
_COUNTED = re.compile(r"(?:pack|set|box|pair)\s+of\s", re.IGNORECASE)
_PART = re.compile(r"\s*\b(?:material|fabric|colou?r)s?\b", re.IGNORECASE)
_PARTS = frozenset(
    ("strap", "dial", "outer", "inner", "sole", "upper", "lining", "frame", "lens", "case", "lid", "handle", "shade")
)
_NO_NOUN = re.compile(
    r"(?:ed|blends?|blended|stretch|woven|mix|other|knits?)$", re.IGNORECASE
)  # how cloth is made, not of what
_PEOPLE = {"men's": "men", "women's": "women", "boy's": "boys", "girl's": "girls", "kid's": "kids", "baby's": "babies"}
_WHOLE = {"material", "fabric", "materials", "main material", "composition", "color", "colour", "colors", "colours"}
_LONG = 60


def line_en(one: Said) -> str:
    """One attribute as a line: `Heel height: 3 inch`, `Round neck`, `Water resistant`."""
    name = _lower(one.name) if not any(character.isdigit() for character in one.name) else one.name
    if not one.values:
        return _first_upper(name)
    values = _and(one.values)
    if one.name.lower().endswith(" of") and values[:1].isdigit():
        return _first_upper(f"{name} {values}")
    if _COUNTED.match(values) or (_says_itself(one) and len(words_of(values)) > 1):
        return _first_upper(values)
    return _first_upper(f"{name}: {values}")


def _says_itself(one: Said) -> bool:
    """Whether each value already holds the head of the attribute's name: `Neck: Round neck`."""
    names = words_of(one.name)
    heads = {_ING.sub(r"\1", word.stem) for word in (*names[:1], *names[-1:])}
    return bool(heads) and all(any(word.stem.startswith(h) for h in heads for word in words_of(v)) for v in one.values)


def lines_en(said: Sequence[Said]) -> tuple[str, ...]:
    """The bullets: measures in one line, every other attribute in its own."""
    measures = [one for one in said if _is_measure(one)]
    told = [one for one in said if one.role not in ("brand", "kind") and one not in measures]
    lines = [line_en(one) for one in told]
    if measures:
        at = sum(one.role in ("material", "colour") for one in told)
        lines.insert(at, _measures(measures) if len(measures) > 1 else line_en(measures[0]))
    return tuple(dict.fromkeys(lines))


def _is_measure(one: Said) -> bool:
    return one.name.lower() in _MEASURED and len(one.values) == 1 and _MEASURE.fullmatch(one.values[0]) is not None


def _measures(measures: Sequence[Said]) -> str:
    return _first_upper(", ".join(f"{one.values[0]} {_MEASURED[one.name.lower()]}" for one in measures))


def title_en(said: Sequence[Said], category: Sequence[str]) -> str:
    """A title from the attributes: colour, material, fit, design, and what it is."""
    words: list[str] = []
    for role in ("colour", "material", "fit", "design"):
        words += [value for one in said if one.role == role for value in one.values[:1] if len(value) <= 20][:2]
    kind = [value for one in said if one.role == "kind" for value in one.values[-1:]] or list(category[-1:])
    joined = " ".join(dict.fromkeys([*words[:5], *kind]))
    return joined or ", ".join(line_en(one) for one in said[:2]) or "Product"


def describe_en(title: str, said: Sequence[Said]) -> str:
    """Two to six short sentences."""
    sentences = [_opening(title, said)]
    design = [_as_noun(one) for one in said if one.role in ("design", "fit") and _short(one)]
    design += [_as_noun(one) for one in said if _of_part(one) and _short(one)]
    if design:
        sentences.append(f"Details: {', '.join(dict.fromkeys(design))}")
    measures = [one for one in said if _is_measure(one)]
    if measures:
        sentences.append(f"It is {_and([f'{one.values[0]} {_MEASURED[one.name.lower()]}' for one in measures])}")
    yes = [_lower(one.name) for one in said if not one.values]
    if yes:
        sentences.append(f"Features: {', '.join(yes)}")
    for one in said:
        if one.role in ("capacity", "weight", "style", "audience", "origin", "care", "promise", "count") and _short(
            one
        ):
            sentences.append(_sentence(one))
    return " ".join(f"{sentence.rstrip('. ')}." for sentence in dict.fromkeys(sentences) if sentence)


def _opening(title: str, said: Sequence[Said]) -> str:
    known = stems_of(title)
    colours = [v for one in said if _whole(one, "colour") for v in one.values if not stems_of(v) <= known]
    materials = [v for one in said if _whole(one, "material") for v in one.values if _is_material(v)]
    told = title
    if colours and len(colours) <= 3:
        told += f" in {_and([_soft(value) for value in colours])}"
    if materials and not all(stems_of(value) <= known for value in materials):
        told += f", made of {_and([_soft(value) for value in dict.fromkeys(materials)])}"
    return told


def _whole(one: Said, role: str) -> bool:
    return one.role == role and one.name.lower() in _WHOLE and _short(one)


def _of_part(one: Said) -> bool:
    part = _PART.sub("", one.name).strip().lower()
    return one.role in ("material", "colour") and part in _PARTS


def _is_material(value: str) -> bool:
    kinds = {concept.kind for mention in find_mentions(value) for concept in mention.concepts}
    return ClaimKind.MATERIAL in kinds and _NO_NOUN.search(value) is None


def facts_en(said: Sequence[Said]) -> list[str]:
    """Every attribute in words for a sentence, the measures in one piece."""
    measures = [one for one in said if _is_measure(one)]
    told = [phrase_en(one) for one in said if one.role != "brand" and (one not in measures or len(measures) < 2)]
    return [_measures(measures), *told] if len(measures) > 1 else told


def phrase_en(one: Said) -> str:
    """One attribute in words that can stand in a sentence: button closure, made of cotton, for men and women."""
    if not one.values or not _short(one) or any(character.isdigit() for value in one.values for character in value):
        return line_en(one)
    if one.name.lower() in ("ideal for", "suitable for"):
        return _sentence(one).lower()
    if one.role == "kind":
        return _and([_soft(value) for value in one.values])
    if one.role == "material" and one.name.lower() in _WHOLE and all(_is_material(value) for value in one.values):
        return f"made of {_and([_soft(value) for value in one.values])}"
    return _as_noun(one)


def _as_noun(one: Said) -> str:
    """`Sleeve: Half Sleeve` is half sleeve; `Closure: Button` button closure; `Strap Color: White` white strap."""
    values = _and([_soft(value) for value in one.values])
    part = _lower(_PART.sub("", one.name).strip())
    name = part if part and part not in ("outer", "inner", "upper") else _lower(one.name)
    if _says_itself(one) or stem(name.split()[-1]) in stems_of(values):
        return values
    linked = name.endswith((" for", " of", " in", " with"))
    if linked or any(character.isdigit() for character in values) or len(one.values) > 2 or "," in values:
        return f"{_lower(one.name)} {values}"
    return f"{values} {name}"


def _sentence(one: Said) -> str:
    values = _and([_soft(value) for value in one.values])
    name = one.name.lower()
    if name in ("ideal for", "suitable for"):
        return _first_upper(f"for {_listed(values)}")
    if name == "occasion":
        return f"Occasion: {_listed(values)}"
    return line_en(one)


def _listed(values: str) -> str:
    parts = [part.strip() for part in re.split(r",|\band\b", values) if part.strip()]
    return _and([_PEOPLE.get(part.lower(), part) for part in parts])


def _short(one: Said) -> bool:
    return sum(len(value) for value in one.values) <= _LONG


def _soft(value: str) -> str:
    """A value inside a sentence: words in Title Case and shouted ones lose it; codes and acronyms keep theirs."""
    if value.isupper() and len(value) > 4 and not any(character.isdigit() for character in value):
        return value.lower()
    return " ".join(
        _lower(word) if word.istitle() or word.removesuffix("'s").istitle() else word for word in value.split()
    )


def _lower(text: str) -> str:
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in text.split())


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _and(values: Sequence[str]) -> str:
    if len(values) < 2:
        return "".join(values)
    return f"{', '.join(values[:-1])} and {values[-1]}"
