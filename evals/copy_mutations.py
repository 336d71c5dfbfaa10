"""Planted false claims found, true sentences wrongly blocked: `python -m evals.copy_mutations [--dev] [--show N]`.

Products are split by seed in halves: `--dev` runs the half that the rules were tuned on, the default reports the other.
True sentences come from an independent template writer over real attributes, and from human ad clauses that restate
them; each lie changes one value (number, unit, material, colour, brand, origin, certification, count) or adds something
that no attribute says.
"""

import argparse
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from evals.copy_cases.lies import Lie, add, change
from evals.copy_cases.products import FILES, Line, advertisegen, dummyjson, flipkart, split, synthetic_chinese
from evals.copy_cases.writer import Sentence, chinese, english, human_clauses
from evals.figures import record, wilson
from zhanggui.catalog.models import ListingCopy, ProductFacts, ProvedCopy, Voice
from zhanggui.catalog.rules import facts_of, prove
from zhanggui.kernel.types import Locale

COMMAND = "make eval-copy"
VOICE = Voice()


@dataclass
class Tally:
    """Hits of a total, with the misses kept to look at."""

    hits: int = 0
    total: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, hit: bool, shown: str) -> None:
        self.total += 1
        self.hits += hit
        if not hit:
            self.misses.append(shown)


def _prove(text: str, facts: ProductFacts, locale: Locale) -> ProvedCopy:
    return prove(ListingCopy("", description=text), facts, locale=locale, channel="plain", voice=VOICE)


def _found(lie: Lie, proved: ProvedCopy) -> bool:
    wrong = [c for c in proved.claims if c.hard and not c.supported]
    return any(c.start < lie.end and lie.start < c.end for c in wrong)


def _sources(dev: bool, seed: int) -> dict[str, list[Line]]:
    sets = {
        "flipkart_sample": list(flipkart()),
        "dummyjson": list(dummyjson()),
        "advertisegen_dev": list(advertisegen()),
        "synthetic zh": list(synthetic_chinese(seed)),
    }
    return {name: split(lines, seed)[0 if dev else 1] for name, lines in sets.items()}


def _peers(lines: list[Line]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        for name, values in line["attributes"].items():
            many = values if isinstance(values, list) else [values]
            found[name.lower()].update(v for v in many if len(v) <= 40 and v.lower() not in {"na", "no", "yes"})
        if line.get("brand"):
            found["brand" if line["id"][:2] != "zh" else "品牌"].add(line["brand"])
    return {name: sorted(values) for name, values in found.items()}


def _cases(dev: bool, seed: int) -> tuple[list[tuple[Line, Sentence]], list[tuple[Line, Lie]]]:
    truths: list[tuple[Line, Sentence]] = []
    lies: list[tuple[Line, Lie]] = []
    for source, lines in _sources(dev, seed).items():
        language = "en" if source in {"flipkart_sample", "dummyjson"} else "zh-CN"
        peers = _peers(lines)
        vocabulary = frozenset(v for values in peers.values() for v in values if len(v) > 1)
        for line in lines:
            dice = random.Random(f"{seed}-{source}-{line['id']}")
            told = list((english if language == "en" else chinese)(line, dice, source))
            human = list(human_clauses(line, vocabulary)) if source == "advertisegen_dev" else []
            for sentence in (*told, *human):
                truths.append((line, sentence))
                lies += [(line, lie) for lie in change(sentence, line, dice, peers)]
            lies += [(line, lie) for lie in add(line, language, source, dice)]
    return truths, lies


def _run(dev: bool, seed: int) -> tuple[dict[str, Tally], dict[str, Tally], float]:
    truths, lies = _cases(dev, seed)
    passed: dict[str, Tally] = defaultdict(Tally)
    found: dict[str, Tally] = defaultdict(Tally)
    began = time.perf_counter()
    for line, sentence in truths:
        proved = _prove(sentence.text, facts_of(line), sentence.language)  # type: ignore[arg-type]
        wrong = [f"{c.text}[{c.kind}] {c.reason}" for c in proved.claims if c.hard and not c.supported]
        wrong += [f"{c.name}: {c.reason}" for c in proved.checks if not c.passed and c.blocking and c.name != "claims"]
        shown = f"{sentence.source} | {sentence.text!r} ({sentence.attribute}={sentence.value}) -> {wrong}"
        for key in ("all", f"language {sentence.language}", f"source {sentence.source}", f"kind {sentence.kind}"):
            passed[key].add(proved.publishable, shown)
    for line, lie in lies:
        proved = _prove(lie.text, facts_of(line), lie.language)  # type: ignore[arg-type]
        claims = [(c.text, str(c.kind), [f.attribute for f in c.evidence]) for c in proved.claims]
        shown = f"{lie.source} {lie.kind} ({lie.how}) | {lie.text!r} -> {claims}"
        for key in ("all", f"language {lie.language}", f"source {lie.source}", f"kind {lie.kind}", f"how {lie.how}"):
            found[key].add(_found(lie, proved), shown)
    return passed, found, (len(truths) + len(lies)) / (time.perf_counter() - began)


def _table(title: str, tallies: dict[str, Tally], *, misses: bool) -> None:
    print(f"\n{title}")
    for key in sorted(tallies):
        tally = tallies[key]
        count = tally.total - tally.hits if misses else tally.hits
        low, high = wilson(count, tally.total)
        print(
            f"  {key:42} {count:6} of {tally.total:6}  {100 * count / tally.total:6.2f} %"
            f"  [{100 * low:.2f}, {100 * high:.2f}]"
        )


def _show(title: str, tally: Tally, count: int, seed: int) -> None:
    print(f"\n{title}")
    for miss, times in random.Random(seed).sample(
        list(Counter(tally.misses).items()), min(count, len(set(tally.misses)))
    ):
        print(f"  {times}x {miss[:420]}")


def _record(passed: dict[str, Tally], found: dict[str, Tally], rate: float, seed: int) -> None:
    files = list(FILES.values())
    common = {
        "command": COMMAND,
        "dataset": "flipkart_sample, dummyjson, advertisegen_dev, synthetic zh",
        "files": files,
        "seed": seed,
    }
    for key, tally in found.items():
        if key == "all" or key.startswith(("kind ", "language ")):
            name = "copy-lies-found" + ("" if key == "all" else "-" + key.split(" ", 1)[1].replace(" ", "-").lower())
            record(
                name,
                tally.hits / tally.total,
                interval=wilson(tally.hits, tally.total),
                unit="share",
                note=f"{tally.total} planted lies",
                **common,
            )
    for key, tally in passed.items():
        if key == "all" or key.startswith("language "):
            wrong = tally.total - tally.hits
            name = "copy-truths-blocked" + ("" if key == "all" else "-" + key.split(" ", 1)[1].lower())
            record(
                name,
                wrong / tally.total,
                interval=wilson(wrong, tally.total),
                unit="share",
                note=f"{tally.total} true sentences",
                **common,
            )
    record("copy-proofs-per-second", rate, unit="texts/s", note="one process, facts read anew for each text", **common)


def main() -> None:
    """Run one half and print the tables; the test half is recorded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="run the half that the rules were tuned on; record nothing")
    parser.add_argument("--show", type=int, default=0, help="print so many misses of each sort")
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    passed, found, rate = _run(options.dev, options.seed)
    _table("True sentences wrongly blocked", passed, misses=True)
    _table("Planted lies found", found, misses=False)
    print(f"\n{rate:.0f} texts a second")
    if options.show:
        _show("Blocked truths", passed["all"], options.show, options.seed)
        _show("Missed lies", found["all"], options.show, options.seed)
    if not options.dev:
        _record(passed, found, rate, options.seed)


if __name__ == "__main__":
    main()
