"""A small Seq2Seq writer against the local chat model: the same products, the same proof and checks.

The student learns descriptions of `advertisegen_dev` products from two teachers: the deterministic writer, and what the
local chat model wrote in `make eval-copy` (kept under var/eval-copy; none is fine, there is nothing to compare with
then). Products are split before anything is written: those tested teach nothing, in no version of their attributes.
Each product also teaches with some attributes left out, so that words go with facts and not with products.

What is measured on the products kept aside: drafts an hour (whole: writing, proof, checks), hard claims that an
independent checker finds unsupported in what would be published, attributes told, how often something had to be cut,
and how near the text comes to the chat model's. Training needs the extra `train`.

    make eval-copy-student        or: python -m evals.copy_student [--epochs 8] [--fresh]
"""

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evals.copy import HOME as DRAFTS_HOME
from evals.copy import Draft, plain, read_drafts
from evals.copy_checker.claims import unsupported
from evals.copy_checker.coverage import told
from evals.copy_checker.products import SETS, Line
from evals.figures import ROOT, load, record, wilson
from zhanggui.catalog import CopyRequest, Copywriter, StudentCopywriter, WrittenListing, facts_of, student_rows
from zhanggui.kernel.textmodels import Epoch, NeuralWriter, Plan, Sizes, chrf, load_writer
from zhanggui.settings import Settings

COMMAND = "python -m evals.copy_student"
HOME = ROOT / "var" / "eval-copy-student"
SET = SETS["advertisegen_dev"]
SEED = 23  # the draw of the kept drafts
TESTED = 60
VERSIONS = 8  # with attributes left out, beside the whole
REPEATED = 4  # what the chat model wrote counts so often: there is little of it
SIZES = Sizes(width=96, layers=2, heads=4, longest=96)


def kept_drafts() -> dict[str, Draft]:
    """The chat model's published drafts by product."""
    found = [draft for seed in (SEED, 20) for draft in read_drafts(DRAFTS_HOME / f"drafts-{SET.name}-{seed}.jsonl")]
    return {draft["id"]: draft for draft in found if draft["by_model"] and draft["publishable"]}


def request_of(line: Line) -> CopyRequest:
    """What to write for a product."""
    return CopyRequest(facts_of(line), "zh-CN", "taobao")


def lessons(lines: Sequence[Line], drafts: dict[str, Draft]) -> list[tuple[CopyRequest, str]]:
    """Products with what to write: the chat model's words where there are any, else the deterministic writer's."""
    rng = random.Random(SEED)
    found: list[tuple[CopyRequest, str]] = []
    for line in lines:
        if line["id"] in drafts:
            found += [(request_of(line), drafts[line["id"]]["copy"]["description"])]
            continue
        found.append((request_of(line), ""))
        names = list(line["attributes"])
        for _ in range(VERSIONS if len(names) > 3 else 0):
            kept = {name: line["attributes"][name] for name in names if rng.random() < 0.7 or name == "类型"}
            found.append((request_of({**line, "attributes": kept}), ""))
    return found


def student(lines: Sequence[Line], drafts: dict[str, Draft], epochs: int, fresh: bool) -> NeuralWriter:
    """The trained student, from its file where there is one."""
    path = HOME / "student.npz"
    if path.is_file() and not fresh:
        return load_writer(path)
    from zhanggui.kernel.textmodels.neural import seq2seq  # an extra

    sources, targets = student_rows(lessons(lines, drafts))
    by_chat = [
        place for place, target in enumerate(targets) if target in {d["copy"]["description"] for d in drafts.values()}
    ]
    for turn in range(REPEATED - 1):  # a blank more makes a repeat a text of its own
        sources += [sources[place] + "｜" * (turn + 1) for place in by_chat]
        targets += [targets[place] for place in by_chat]
    began = time.perf_counter()

    def show(epoch: Epoch) -> None:
        took = time.perf_counter() - began
        print(f"  epoch {epoch.number}: loss {epoch.loss:.4f}, aside {epoch.score:.4f}, {took:.0f} s", flush=True)

    print(f"{len(sources)} pairs, {len(by_chat)} by the chat model")
    HOME.mkdir(parents=True, exist_ok=True)
    plan = Plan(epochs=epochs, batch=32, rate=2e-3, seed=SEED, tell=show, checkpoint=HOME / "student.checkpoint")
    made = seq2seq.fit(sources, targets, plan, task="copy", sizes=SIZES)
    made.save(path)
    return made


def score(written: Sequence[WrittenListing], lines: Sequence[Line], seconds: float, model: Path) -> None:
    """Record what the student did."""
    common = {"command": COMMAND, "dataset": f"{len(lines)} products of {SET.name} that taught nothing",
              "files": [SET.file], "seed": SEED}  # fmt: skip
    hits = sum(len(unsupported(plain(one.proved.copy), line)) for one, line in zip(written, lines, strict=True)
               if one.proved.publishable)  # fmt: skip
    published = sum(one.proved.publishable for one in written)
    record("copy-student-hard-claims-unsupported", hits, unit="claims",
           note=f"independent checker, {published} published drafts", **common)  # fmt: skip
    counted = [told(plain(one.proved.copy), line)[:2] for one, line in zip(written, lines, strict=True)]
    has, asked = sum(has for has, _ in counted), sum(of for _, of in counted)
    for name, hit, of, note in (
        ("publishable", published, len(lines), "drafts that pass every check without an edit"),
        ("attributes-told", has, asked, "values of attributes that a shopper asks about"),
        ("cut", sum(bool(one.proved.cut) for one in written), len(lines), "drafts of which the proof cut something"),
    ):
        record(f"copy-student-{name}", hit / of, interval=wilson(hit, of), unit="share", note=note, **common)
    per_hour = 3600 * len(lines) / seconds
    size = model.stat().st_size / 1e6
    record("copy-student-drafts-per-hour", per_hour, unit="drafts/h",
           note=f"one thread or two, writing, proof and checks; a file of {size:.1f} MB", **common)  # fmt: skip
    chat = load(f"copy-model-seconds-{SET.name}")
    slots = Settings.model_fields["local_slots"].default
    teacher = 3600 * slots / float(str(chat["value"]))
    record("copy-student-speed-up", per_hour / teacher, unit="times",
           note=f"the local chat model writes {teacher:.0f} drafts/h: {chat['value']} s each, {slots} side by side "
           "(its own record)", **common)  # fmt: skip


def compare(written: Sequence[WrittenListing], lines: Sequence[Line], drafts: dict[str, Draft]) -> None:
    """How near student and deterministic writer come to the chat model's descriptions of the same products."""
    places = [place for place, line in enumerate(lines) if line["id"] in drafts]
    if not places:
        print("no drafts of the chat model are kept: nothing to compare with")
        return
    floors = Copywriter(None).write_many("eval", [request_of(lines[place]) for place in places])
    wanted = [drafts[lines[place]["id"]]["copy"]["description"] for place in places]
    ours = [written[place].proved.copy.description for place in places]
    theirs = [floor.proved.copy.description for floor in floors]
    for name, given in (("student", ours), ("writer", theirs)):
        near = [chrf(one, right) for one, right in zip(given, wanted, strict=True)]
        record(f"copy-student-nearness-{name}", float(np.mean(near)), unit="chrF", command=COMMAND,
               dataset=f"{len(places)} products of {SET.name} that taught nothing", files=[SET.file], seed=SEED,
               note="agreement of descriptions with the local chat model's, 0 to 1; no measure of truth")  # fmt: skip
    same = sum(a == b for a, b in zip(ours, theirs, strict=True))
    print(f"  {same} of {len(places)} descriptions are the deterministic writer's, word for word")


def main() -> None:
    """Train, write, check, record."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--epochs", type=int, default=8)
    arguments.add_argument("--fresh", action="store_true", help="train anew")
    chosen = arguments.parse_args()
    drafts = kept_drafts()
    tested = SET.draw(TESTED, SEED)
    aside = {line["id"] for line in tested}
    teaching = [line for line in SET.read(SET.file) if line["id"] not in aside]
    teachers = {name: draft for name, draft in drafts.items() if name not in aside}
    model = student(teaching, teachers, chosen.epochs, chosen.fresh)
    writer = StudentCopywriter(model)
    requests = [request_of(line) for line in tested]
    began = time.perf_counter()
    written = writer.write_many(requests)
    seconds = time.perf_counter() - began
    page = HOME / "drafts.txt"
    page.write_text(
        "".join(f"{one.proved.copy.description}\n  cut: {one.proved.cut}\n" for one in written), encoding="utf-8"
    )
    score(written, tested, seconds, HOME / "student.npz")
    compare(written, tested, drafts)


if __name__ == "__main__":
    main()
