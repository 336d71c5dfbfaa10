"""Listing copy by the local model on products of three public sets, judged by a checker that shares no code with ours.

    make eval-copy        or: python -m evals.copy [--products 100] [--set all] [--seed 20] [--judged 40]
                              [--model local:…|none] [--report-only] [--no-mutations]

Drafts, verdicts and pages to read by eye go to var/eval-copy; every answer of the model is kept there, so that a run
that was cut off goes on where it was, and a second one asks nothing. Figures are recorded for a run over at least 100
products of every set with the model of the settings.
"""

import argparse
import json
import os
import runpy
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from evals.copy_checker.claims import Hit, unsupported
from evals.copy_checker.coverage import told
from evals.copy_checker.judging import judge
from evals.copy_checker.products import SETS, Line, ProductSet
from evals.copy_checker.reporting import write_report
from evals.figures import ROOT, record, wilson
from zhanggui.app import App, build
from zhanggui.catalog import CopyRequest, Copywriter, ListingCopy, WrittenListing, facts_of
from zhanggui.settings import Settings, read_settings

COMMAND = "make eval-copy"
HOME = ROOT / "var" / "eval-copy"
ENOUGH = 100
Draft = dict[str, Any]


@dataclass
class Score:
    """What was found over the drafts of one set."""

    drafts: int = 0
    publishable: int = 0
    by_model: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    told: int = 0
    asked: int = 0
    told_by_writer: int = 0
    seconds: list[float] = field(default_factory=list)
    cut: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)

    def plus(self, other: "Score") -> "Score":
        """Both together."""
        names = self.__dataclass_fields__
        return Score(**{name: getattr(self, name) + getattr(other, name) for name in names})


@contextmanager
def product(model: str | None) -> Iterator[App]:
    """The product itself, on a database of its own; weights are those of the machine's installation."""
    weights = user_data_path("zhanggui", appauthor=False) / "models" / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
    chosen: dict[str, object] = {"data_dir": HOME, "model_timeout": 900.0}
    if model is not None:
        chosen["model"] = model
    if "ZHANGGUI_MODEL_FILE" not in os.environ and weights.is_file():
        chosen["model_file"] = weights
    settings: Settings = read_settings(None, **chosen)
    app = build(settings)
    try:
        yield app
    finally:
        app.close()


def progress(what: str, total: int) -> Callable[[int], None]:
    """Prints how far a piece of work is, every few seconds."""
    started, last = time.monotonic(), 0.0

    def tell(done: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done == total or now - last > 10:
            last = now
            print(f"  {what}: {done}/{total}, {now - started:.0f} s", flush=True)

    return tell


def plain(copy: ListingCopy) -> Draft:
    """A copy as the batch contract writes it."""
    return {
        "title": copy.title,
        "bullets": list(copy.bullets),
        "description": copy.description,
        "keywords": list(copy.keywords),
    }


def write(app: App, chosen: ProductSet, count: int, seed: int) -> list[Draft]:
    """Drafts of the drawn products by the product's own copywriter, beside them those of its writer without a model."""
    lines = chosen.draw(count, seed)
    requests = [
        CopyRequest(facts_of(line), chosen.locale, chosen.channel(at))  # type: ignore[arg-type]  # literals in a table
        for at, line in enumerate(lines)
    ]
    path = drafts_file(chosen, seed)
    earlier = {draft["id"]: draft for draft in read_drafts(path)}
    tell, done = progress(f"{chosen.name} drafts", len(lines)), Counter[str]()

    def on_result(_at: int, _written: WrittenListing) -> None:
        done["drafts"] += 1
        tell(done["drafts"])

    written = Copywriter(app.models).write_many(app.settings.merchant, requests, on_result)
    floors = Copywriter(None).write_many(app.settings.merchant, requests)
    drafts = [
        _draft(line, chosen.channel(at), ours, floor, earlier.get(line["id"]))
        for at, (line, ours, floor) in enumerate(zip(lines, written, floors, strict=True))
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(draft, ensure_ascii=False) + "\n" for draft in drafts), encoding="utf-8")
    return drafts


def _draft(
    line: Line, channel: str, ours: WrittenListing, floor: WrittenListing, earlier: Draft | None
) -> Draft:  # fmt: skip
    seconds = ours.usage.seconds if ours.by_model and not ours.usage.cached else None
    if seconds is None and earlier is not None and ours.by_model:
        seconds = earlier.get("seconds")
    return {
        "id": line["id"],
        "line": line,
        "channel": channel,
        "copy": plain(ours.proved.copy),
        "floor": plain(floor.proved.copy),
        "by_model": ours.by_model,
        "note": ours.note,
        "publishable": ours.proved.publishable,
        "failed": [check.reason for check in ours.proved.checks if check.blocking and not check.passed],
        "cut": list(ours.proved.cut),
        "seconds": seconds,
    }


def drafts_file(chosen: ProductSet, seed: int) -> Path:
    """Where the drafts of a set are kept."""
    return HOME / f"drafts-{chosen.name}-{seed}.jsonl"


def read_drafts(path: Path) -> list[Draft]:
    """The drafts kept by an earlier run, if any."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def score(chosen: ProductSet, drafts: Sequence[Draft]) -> Score:
    """Check every published draft and write the page to read."""
    found = Score()
    rows: list[tuple[Draft, list[Hit], list[str]]] = []
    for draft in drafts:
        hits = unsupported(draft["copy"], draft["line"]) if draft["publishable"] else []
        has, of, missing = told(draft["copy"], draft["line"])
        rows.append((draft, hits, missing))
        found.drafts += 1
        found.publishable += draft["publishable"]
        found.by_model += draft["by_model"]
        found.hits.update(hit.kind for hit in hits)
        found.told, found.asked = found.told + has, found.asked + of
        found.told_by_writer += told(draft["floor"], draft["line"])[0]
        found.cut += bool(draft["cut"])
        found.seconds += [draft["seconds"]] if draft["seconds"] else []
    page = HOME / f"drafts-{chosen.name}.md"
    write_report(page, chosen.name, rows)
    print(f"  to read: {page.relative_to(ROOT)}")
    return found


def read_better(app: App, chosen: ProductSet, drafts: Sequence[Draft], seed: int, count: int) -> Counter[str]:
    """Verdicts on the model's copies against the deterministic writer's; kept in a file."""
    pairs = [(d["copy"], d["floor"]) for d in drafts if d["by_model"] and d["publishable"]][:count]
    tell = progress(f"{chosen.name} verdicts", 2 * len(pairs))
    verdicts = judge(app.models, app.settings.merchant, chosen.locale, pairs, tell)
    counted = Counter[str](verdicts)
    verdicts_file(chosen, seed).write_text(json.dumps(counted), encoding="utf-8")
    return counted


def verdicts_file(chosen: ProductSet, seed: int) -> Path:
    """Where the verdicts on a set are kept."""
    return HOME / f"verdicts-{chosen.name}-{seed}.json"


def kept_verdicts(chosen: ProductSet, seed: int) -> Counter[str]:
    """The verdicts of an earlier run, if any."""
    path = verdicts_file(chosen, seed)
    return Counter(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else Counter()


def show(name: str, found: Score) -> None:
    """The score as a few lines."""
    v = found.verdicts
    print(f"{name}: {found.drafts} drafts, {found.by_model} by the model, {found.cut} with something cut")
    print(f"  unsupported hard claims in what would be published: {sum(found.hits.values())} {dict(found.hits)}")
    print(f"  publishable as they are: {found.publishable}/{found.drafts}")
    print(
        f"  asked-for attributes told: {found.told}/{found.asked}, by the writer {found.told_by_writer}/{found.asked}"
    )
    print(f"  reads better than the writer: {v['win']} wins, {v['loss']} losses, {v['tie']} ties, {v['none']} unheard")
    if found.seconds:
        print(f"  model seconds per draft (slots run side by side): {sum(found.seconds) / len(found.seconds):.1f}")


def record_score(suffix: str, found: Score, sets: Sequence[ProductSet], seed: int) -> None:
    """The figures of one set (suffix "-<set>") or of all."""
    names = ", ".join(chosen.name for chosen in sets)
    common: dict[str, Any] = {
        "command": COMMAND,
        "dataset": f"{found.drafts} products drawn by seed from {names}",
        "files": [chosen.file for chosen in sets],
        "seed": seed,
    }

    def share(figure: str, hits: int, of: int, note: str) -> None:
        if of:
            record(f"{figure}{suffix}", hits / of, interval=wilson(hits, of), unit="share", note=note, **common)

    kinds = ", ".join(f"{kind} {count}" for kind, count in found.hits.most_common())
    record(
        f"copy-hard-claims-unsupported{suffix}",
        sum(found.hits.values()),
        unit="claims",
        note=f"independent checker, {found.publishable} published drafts; {kinds or 'none of any kind'}",
        **common,
    )
    share("copy-publishable", found.publishable, found.drafts, "drafts that pass every check without an edit")
    share("copy-by-model", found.by_model, found.drafts, f"the rest by the deterministic writer; cut in {found.cut}")
    share("copy-attributes-told", found.told, found.asked, "values of attributes that a shopper asks about")
    share("copy-attributes-told-writer", found.told_by_writer, found.asked, "the same by the deterministic writer")
    v = found.verdicts
    decided = f"{v['tie']} ties (equal ratings over both orders) left out, {v['none']} without a verdict"
    share("copy-reads-better", v["win"], v["win"] + v["loss"], f"model's description against the writer's; {decided}")
    if found.seconds:
        mean = sum(found.seconds) / len(found.seconds)
        record(f"copy-model-seconds{suffix}", mean, unit="s", note="per draft, slots side by side", **common)


def mutations() -> None:
    """The planted false claims, with their own figures."""
    arguments, sys.argv = sys.argv, ["evals.copy_mutations"]
    try:
        runpy.run_module("evals.copy_mutations", run_name="__main__")
    finally:
        sys.argv = arguments


def main() -> None:
    """Write, check, judge, record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=ENOUGH, help="products from each set")
    parser.add_argument("--set", choices=[*SETS, "all"], default="all")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--judged", type=int, default=40, help="drafts of each set whose readability is judged")
    parser.add_argument("--model", default=None, help="chat model as in the settings; none for the writer alone")
    parser.add_argument("--report-only", action="store_true", help="check the kept drafts again, ask no model")
    parser.add_argument("--no-mutations", action="store_true", help="leave the planted false claims out")
    chosen = parser.parse_args()
    sets = [one for one in SETS.values() if chosen.set in (one.name, "all")]
    absent = [one.name for one in sets if not one.file.exists()]
    if absent:
        raise SystemExit(f"not here: {', '.join(absent)}; set ZHANGGUI_SHARED_DATA to the folder of the public sets")
    scores = dict(_scores(sets, chosen))
    for name, found in scores.items():
        show(name, found)
    if all(found.drafts >= ENOUGH for found in scores.values()) and chosen.model is None:
        for one in sets:
            record_score(f"-{one.name}", scores[one.name], [one], chosen.seed)
        if len(sets) == len(SETS):
            total = Score()
            for found in scores.values():
                total = total.plus(found)
            record_score("", total, sets, chosen.seed)
    else:
        print(f"nothing recorded: that takes {ENOUGH} products of each set and the model of the settings")
    if not chosen.no_mutations and chosen.set == "all":
        mutations()


def _scores(sets: Sequence[ProductSet], chosen: argparse.Namespace) -> Iterator[tuple[str, Score]]:
    if chosen.report_only:
        for one in sets:
            found = score(one, read_drafts(drafts_file(one, chosen.seed)))
            found.verdicts = kept_verdicts(one, chosen.seed)
            yield one.name, found
        return
    with product(chosen.model) as app:
        for one in sets:
            drafts = write(app, one, chosen.products, chosen.seed)
            found = score(one, drafts)
            if chosen.judged and found.by_model:
                found.verdicts = read_better(app, one, drafts, chosen.seed, chosen.judged)
            yield one.name, found


if __name__ == "__main__":
    main()
