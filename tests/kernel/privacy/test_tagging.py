"""The learnt tagger: decoding against every labelling tried, and what the bundled weights must get right."""

from itertools import pairwise, product

import numpy as np
import pytest

from zhanggui.kernel.privacy import find
from zhanggui.kernel.privacy.tagging import Token, Weights, english_weights, features_of, spans_of, tag, tokens_of


def test_decoding_agrees_with_trying_every_labelling() -> None:
    labels = ("B-PERSON", "I-PERSON", "O")
    text = "Call Ann Lee now."
    words = tokens_of(text)
    rows = features_of(text, words, [], frozenset({"call", "now"}))
    for seed in range(5):
        rng = np.random.default_rng(seed)
        names = sorted({name for row in rows for name in row})
        features = {name: rng.normal(size=3).astype(np.float32) for name in names}
        weights = Weights(labels, rng.normal(size=(3, 3)).astype(np.float32), features, frozenset({"call", "now"}))

        def score(path: tuple[int, ...], weights: Weights = weights) -> float:
            total = sum(
                float(weights.features[name][label]) for row, label in zip(rows, path, strict=True) for name in row
            )
            return total + sum(float(weights.transitions[a, b]) for a, b in pairwise(path))

        best = max(product(range(3), repeat=len(words)), key=score)
        assert tag(text, [], weights) == spans_of(words, [labels[label] for label in best])


def test_labels_become_spans() -> None:
    words = [Token(0, 2, "Mr"), Token(3, 6, "Ann"), Token(7, 10, "Lee"), Token(11, 14, "Bob")]
    assert spans_of(words, ["O", "B-PERSON", "I-PERSON", "B-PERSON"]) == [(3, 10, "PERSON"), (11, 14, "PERSON")]
    assert spans_of(words, ["I-GPE", "O", "I-GPE", "I-PERSON"]) == [(0, 2, "GPE"), (7, 10, "GPE"), (11, 14, "PERSON")]


def test_the_bundled_weights_are_small_and_hold_no_values() -> None:
    weights = english_weights()
    assert weights is not None
    assert {"emily", "johnson", "phoenix"}.isdisjoint(weights.vocabulary)
    assert len(weights.features) < 50_000


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("We are moving to Hungary next year", "GPE", "Hungary"),
        ("I work for Northwind Traders LLC", "ORGANIZATION", "Northwind Traders LLC"),
        ("Please ask Ludmila Horvath about it", "PERSON", "Ludmila Horvath"),
        ("My father is 71 years old", "AGE", "71"),
    ],
)
def test_wide_finding_sees_what_rules_do_not(text: str, kind: str, value: str) -> None:
    assert (kind, value) in [(span.type, span.text) for span in find(text, "en", wide=True)]
