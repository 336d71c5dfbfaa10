"""Train the English personal-data tagger: `python -m evals.privacy_tagger` writes the bundled weights.

The rows are the public synthetic sentences of presidio-research (MIT). Each training template is also filled anew with
values of other training rows and with our own name lists. Words enter the model only when they stand in a template, not
when they are somebody's value, so no value can be read out of the weights.
"""

import gzip
import json
import random
import re
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pycrfsuite

from evals.figures import SHARED_DATA
from zhanggui.kernel.privacy.english import english
from zhanggui.kernel.privacy.gazetteer import word_list
from zhanggui.kernel.privacy.shared_patterns import shared
from zhanggui.kernel.privacy.tagging import Weights, features_of, read_weights, tokens_of

SENTENCES = SHARED_DATA / "presidio_synth_pii" / "pii.json"
PRODUCTS = SHARED_DATA / "dummyjson" / "products.json"
OUT = Path(__file__).parents[1] / "src" / "zhanggui" / "kernel" / "privacy" / "data" / "tagger_en.json.gz"
SEED = 7
REFILLS = 2
OWN_REFILLS = 8
_SLOT = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence with its spans (start, end, type); `masked` is its template."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    masked: str
    template: int


def rows() -> list[Row]:
    """Every sentence of the set."""
    found: list[Row] = []
    for raw in json.loads(SENTENCES.read_text(encoding="utf-8")):
        spans = sorted((s["start_position"], s["end_position"], s["entity_type"]) for s in raw["spans"])
        found.append(Row(raw["full_text"], tuple(spans), raw["masked"], raw["template_id"]))
    return found


def split(everything: list[Row], share: float = 0.4) -> tuple[list[Row], list[Row]]:
    """(development, held out) by template, so that no held-out sentence's pattern was ever seen."""
    templates = sorted({row.template for row in everything})
    random.Random(SEED).shuffle(templates)
    held = set(templates[: int(len(templates) * share)])
    return [row for row in everything if row.template not in held], [row for row in everything if row.template in held]


def clean_texts() -> list[str]:
    """Product descriptions and reviews without any personal data (dummyjson, MIT)."""
    products = json.loads(PRODUCTS.read_text(encoding="utf-8"))
    return [f"{one['title']}. {one['description']}" for one in products]


def own_templates() -> list[str]:
    """Sentence patterns written for this project."""
    lines = (Path(__file__).parent / "privacy_templates.txt").read_text(encoding="utf-8").splitlines()
    return [line.replace("\\n", "\n") for line in lines if not line.startswith("#")]


def _sort(kind: str, value: str) -> str:
    """What sort of value it is: the set writes some addresses in one piece and some in parts."""
    if kind != "STREET_ADDRESS":
        return kind
    if value.isdigit():
        return "address number"
    return (
        "address unit"
        if re.match(r"(?:Apt|Suite)\W+\w+$", value)
        else "address"
        if re.search(r"\d", value)
        else "address street"
    )


def refill(source: list[Row], rng: random.Random) -> list[Row]:
    """Templates with other rows' values; one name in three is from our own list, a few sentences lose their case."""
    values: dict[str, list[str]] = defaultdict(list)
    for row in source:
        for start, end, kind in row.spans:
            values[_sort(kind, row.text[start:end])].append(row.text[start:end])
    own = [(masked, ()) for masked in own_templates() for _ in range(OWN_REFILLS if "{{" in masked else 1)]
    theirs = [(row.masked, row.spans and tuple(_sort(k, row.text[a:b]) for a, b, k in row.spans)) for row in source]
    return [_fill(masked, sorts, values, rng) for masked, sorts in [*own, *theirs * REFILLS]]


def _fill(masked: str, sorts: tuple[str, ...], values: dict[str, list[str]], rng: random.Random) -> Row:
    given = sorted(word_list("given_names"))
    text, spans, end = "", [], 0
    slots = list(_SLOT.finditer(masked))
    for number, slot in enumerate(slots):
        kind = slot.group(1)
        sort = sorts[number] if len(sorts) == len(slots) else ("address" if kind == "STREET_ADDRESS" else kind)
        value = rng.choice(values.get(sort) or ["x"])
        if kind == "PERSON" and rng.random() < 0.33:
            value = f"{rng.choice(given)} {value.split()[-1]}" if rng.random() < 0.6 else rng.choice(given)
        text += masked[end : slot.start()]
        spans.append((len(text), len(text) + len(value), kind))
        text += value
        end = slot.end()
    text += masked[end:]
    if rng.random() < 0.05 and len(text.lower()) == len(text):
        text = text.lower()
    return Row(text, tuple(spans), masked, -1)


def _labels(row: Row) -> tuple[list[Any], list[str]]:
    words = tokens_of(row.text)
    labels = ["O"] * len(words)
    for start, end, kind in row.spans:
        inside = [place for place, token in enumerate(words) if start <= token.start < end]
        for place in inside:
            labels[place] = ("B-" if place == inside[0] else "I-") + kind
    return words, labels


def vocabulary_of(source: list[Row]) -> frozenset[str]:
    """Words that stand in at least two templates outside the slots."""
    seen: Counter[str] = Counter()
    for masked in {*(row.masked for row in source), *own_templates()}:
        seen.update({token.text.lower() for token in tokens_of(_SLOT.sub(" ", masked))})
    return frozenset(word for word, count in seen.items() if count >= 2)


def train(source: list[Row], clean: list[str], *, iterations: int = 90) -> tuple[Weights, bytes]:
    """Fit on these rows; the weights, and the bytes that are bundled."""
    rng = random.Random(SEED)
    vocabulary = vocabulary_of(source)
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": 0.03, "c2": 0.1, "max_iterations": iterations, "feature.possible_transitions": True})
    for row in [*source, *refill(source, rng), *(Row(text, (), text, -1) for text in clean)]:
        words, labels = _labels(row)
        if words:
            rules = [*shared(row.text), *english(row.text)]
            trainer.append(features_of(row.text, words, rules, vocabulary), labels)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "crf")
        trainer.train(path)
        tagger = pycrfsuite.Tagger()
        tagger.open(path)
        info = tagger.info()
        content = _export(info, vocabulary)
        tagger.close()
    return read_weights(content), content


def _export(info: Any, vocabulary: frozenset[str]) -> bytes:
    labels = sorted(info.labels)
    place = {label: number for number, label in enumerate(labels)}
    transitions = [[round(info.transitions.get((a, b), -8.0), 2) for b in labels] for a in labels]
    features: dict[str, list[list[float]]] = defaultdict(list)
    for (name, label), weight in sorted(info.state_features.items()):
        if abs(weight) >= 0.05:
            features[name].append([place[label], round(weight, 2)])
    whole = {"labels": labels, "transitions": transitions, "features": features, "vocabulary": sorted(vocabulary)}
    return orjson.dumps(whole)


def main() -> None:
    """Train on every row and write the weights that the package carries."""
    _, content = train(rows(), clean_texts()[::2])
    OUT.write_bytes(gzip.compress(content, mtime=0))
    print(f"{OUT.name}: {OUT.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
