"""How much personal data is found: `python -m evals.privacy`.

English: presidio-research's synthetic sentences; the tagger is trained on the development templates within this run and
scored on templates that it never saw. Chinese: our own synthetic sentences (see `privacy_cases.py`). A span counts when
its type and both ends are right.
"""

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Sequence

from evals.figures import record
from evals.privacy_cases import chinese_cases, clean_chinese
from evals.privacy_tagger import PRODUCTS, SEED, SENTENCES, clean_texts, rows, split, train
from zhanggui.kernel.privacy import find

COMMAND = "python -m evals.privacy"
Spans = set[tuple[int, int, str]]
Pair = tuple[Spans, Spans]


def score(pairs: Sequence[Pair]) -> tuple[float, dict[str, float]]:
    """(micro F1, F1 by type) of (gold, found) pairs."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for gold, found in pairs:
        for span in found:
            counts[span[2]][0 if span in gold else 1] += 1
        for span in gold - found:
            counts[span[2]][2] += 1
    total = [sum(one[place] for one in counts.values()) for place in range(3)]
    return _f1(total), {kind: _f1(one) for kind, one in sorted(counts.items())}


def _f1(counts: Sequence[int]) -> float:
    right, wrong, missed = counts
    return 2 * right / max(1, 2 * right + wrong + missed)


def interval(pairs: Sequence[Pair], groups: Sequence[int]) -> tuple[float, float]:
    """95 % bootstrap interval of the micro F1 over whole templates."""
    rng = random.Random(SEED)
    by_group: dict[int, list[Pair]] = defaultdict(list)
    for group, pair in zip(groups, pairs, strict=True):
        by_group[group].append(pair)
    names = sorted(by_group)
    drawn = sorted(
        score([p for name in rng.choices(names, k=len(names)) for p in by_group[name]])[0] for _ in range(300)
    )
    return drawn[7], drawn[292]


def english() -> None:
    """Held-out templates: rules alone, and rules with a tagger trained on the development templates."""
    development, held = split(rows())
    weights, _ = train(development, clean_texts()[::2])
    groups = [row.template for row in held]
    pairs: list[Pair] = []
    for row in held:
        spans = find(row.text, "en", wide=True, weights=weights)
        pairs.append((set(row.spans), {(span.start, span.end, span.type) for span in spans}))
    whole, kinds = score(pairs)
    print(f"English, {len(held)} sentences of {len(set(groups))} unseen templates: span F1 {whole:.3f}")
    print("  " + ", ".join(f"{kind} {value:.2f}" for kind, value in kinds.items()))
    data = {"command": COMMAND, "dataset": "presidio_synth_pii", "files": [SENTENCES], "seed": SEED}
    note = (
        "exact spans and types, 17 types; templates never seen; peers: patterns .233, Presidio with a small model .447"
    )
    record("privacy-en-span-f1", whole, interval=interval(pairs, groups), unit="F1", note=note, **data)
    direct = [({s for s in gold if s[2] in _DIRECT}, {s for s in found if s[2] in _DIRECT}) for gold, found in pairs]
    record(
        "privacy-en-direct-span-f1",
        score(direct)[0],
        interval=interval(direct, groups),
        unit="F1",
        note="numbers and addresses on the net that identify alone: " + ", ".join(sorted(_DIRECT)),
        **data,
    )
    print(f"  of these, direct numbers and e-mail: {score(direct)[0]:.3f}")
    texts = clean_texts()[1::2]
    for name, wide in (("gate", False), ("wide", True)):
        hit = sum(bool(find(text, "en", wide=wide, weights=weights)) for text in texts)
        print(f"  clean product texts untouched ({name}): {1 - hit / len(texts):.3f} of {len(texts)}")
        record(
            f"privacy-en-clean-untouched-{name}",
            1 - hit / len(texts),
            unit="share of texts",
            command=COMMAND,
            dataset="dummyjson",
            files=[PRODUCTS],
            seed=SEED,
            note="the half not trained on; holds brands",
        )


_DIRECT = {"CREDIT_CARD", "PHONE_NUMBER", "EMAIL_ADDRESS", "US_SSN", "IBAN_CODE", "IP_ADDRESS", "US_DRIVER_LICENSE"}


def chinese() -> None:
    """Our own synthetic sentences, clean ones, and speed on one core."""
    cases = chinese_cases(2000, SEED)
    pairs = [(set(c.spans), {(s.start, s.end, s.type) for s in find(c.text, "zh-CN")}) for c in cases]
    whole, kinds = score(pairs)
    print(f"Chinese, {len(cases)} synthetic sentences: span F1 {whole:.3f}")
    print("  " + ", ".join(f"{kind} {value:.2f}" for kind, value in kinds.items()))
    note = "synthetic, written by the rules' own authors: optimistic"
    record(
        "privacy-zh-span-f1", whole, unit="F1", command=COMMAND, dataset="own synthetic sentences", seed=SEED, note=note
    )
    clean = clean_chinese(2000, SEED)
    kept = sum(not find(text, "zh-CN") for text in clean) / len(clean)
    print(f"  clean sentences untouched: {kept:.3f}")
    record(
        "privacy-zh-clean-untouched",
        kept,
        unit="share of texts",
        command=COMMAND,
        dataset="own synthetic sentences",
        seed=SEED,
        note=note,
    )
    for name, texts in (("clean", clean), ("personal", [case.text for case in cases])):
        start = time.process_time()
        for text in texts:
            find(text, "zh-CN")
        speed = len(texts) / (time.process_time() - start)
        print(f"  {speed:,.0f} {name} texts a second")
        record(
            f"privacy-zh-speed-{name}",
            speed,
            unit="texts/s",
            command=COMMAND,
            dataset="own synthetic sentences",
            seed=SEED,
            note="one process, by its processor time",
        )


def main() -> None:
    """Both languages, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["zh", "en"])
    only = parser.parse_args().only
    if only != "en":
        chinese()
    if only != "zh":
        if not SENTENCES.exists():
            print(json.dumps({"skipped": "the shared data set presidio_synth_pii is not here"}))
            return
        english()


if __name__ == "__main__":
    main()
