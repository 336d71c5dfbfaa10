"""Sentiment by a cascade: the linear model decides, and the local chat model is heard on the texts it is not sure of.

The chat model reads the text once and writes nothing: the log odds of its answer's first word are weighed with the
linear model's own by a regression. That is fitted on unsure rows of the training fifth that a first linear model did
not see; the rows of the test are judged by a linear model of all training rows. Nothing is tuned on the test.

What the chat model said is kept by text under `var`, so a run that is broken off or out of `--minutes` goes on where it
was when the same command is given again; figures are recorded only when every unsure text has been heard. About
2,000 texts: some twenty minutes on two quiet cores. Needs the weights (`zhanggui models pull`).

    python -m evals.sentiment_cascade --minutes 5
"""

import argparse
import hashlib
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score

from evals.figures import ROOT, record, wilson
from evals.sentiment import SEED, Rows, Task, tasks
from zhanggui.kernel.llm import DEFAULT_WEIGHTS, ChatRequest, Message, ProviderSettings
from zhanggui.kernel.llm.providers.local import LocalProvider
from zhanggui.kernel.textmodels import Cascade, Joint, Plan, TextModel, fit, fit_joint, kept_aside, own_odds, unsure
from zhanggui.kernel.textmodels.cascade import THRESHOLD

COMMAND = "python -m evals.sentiment_cascade"
HEARD = ROOT / "var" / "eval-sentiment-cascade" / "heard.jsonl"
WEIGHTS = Path.home() / ".local/share/zhanggui/models" / DEFAULT_WEIGHTS.file
TEACH = 400  # unsure rows of training that the regression learns from
QUESTION = "判断这条购物评价是好评还是差评。只回答一个字：好 或 差。"
WORDS = ("差", "好")  # of the labels negative and positive, in the order of the model's columns
LONGEST = 400
Floats = npt.NDArray[np.float64]


class OutOfTime(Exception):
    """The minutes are over; what was heard is kept."""


@dataclass(slots=True)
class Judge:
    """The local chat model's log odds of praise, remembered by text."""

    model: LocalProvider
    until: float
    heard: dict[str, float]
    asked: int = 0
    seconds: float = 0.0

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Log odds, [texts]."""
        return np.array([self._one(text) for text in texts])

    def _one(self, text: str) -> float:
        key = hashlib.sha256(f"{QUESTION}\n{DEFAULT_WEIGHTS.sha256}\n{text}".encode()).hexdigest()
        if key not in self.heard:
            if time.monotonic() > self.until:
                raise OutOfTime
            began = time.perf_counter()
            messages = (Message("system", QUESTION), Message("user", text[:LONGEST] or "-"))
            self.heard[key] = self.model.preference(ChatRequest(messages, 1), WORDS)
            self.asked, self.seconds = self.asked + 1, self.seconds + time.perf_counter() - began
            with HEARD.open("a", encoding="ascii") as file:
                file.write(json.dumps([key, self.heard[key]]) + "\n")
            if self.asked % 50 == 0:
                print(f"  {self.asked} texts heard, {self.seconds / self.asked:.2f} s each", flush=True)
        return self.heard[key]


def judge(minutes: float) -> Judge:
    """The chat model and what it said before."""
    HEARD.parent.mkdir(parents=True, exist_ok=True)
    HEARD.touch()
    lines = [line for line in HEARD.read_text(encoding="ascii").splitlines() if line.endswith("]")]
    heard = {str(key): float(value) for key, value in map(json.loads, lines)}
    model = LocalProvider(ProviderSettings("local", "local", weights=WEIGHTS, slots=1, context_tokens=2048))
    return Judge(model, time.monotonic() + minutes * 60, heard)


def linear(rows: Rows) -> TextModel:
    """Our default model of these rows."""
    plan = Plan(seed=SEED)
    return fit("linear", [text for text, _ in rows], [label for _, label in rows], plan, task="sentiment")


def joint(train: Rows, asked: Judge) -> Joint:
    """How both are weighed, from unsure rows of training that the model of the others did not see."""
    aside = kept_aside([text for text, _ in train], 0.2, SEED + 1)
    model = linear([row for row, out in zip(train, aside, strict=True) if not out])
    unseen = [row for row, out in zip(train, aside, strict=True) if out]
    given = model.predict([text for text, _ in unseen])
    places = [int(place) for place in unsure(given, THRESHOLD)]
    places = random.Random(SEED).sample(places, min(TEACH, len(places)))
    theirs = asked([unseen[place][0] for place in places])
    own = own_odds(given[places])
    right = np.array([unseen[place][1] == model.labels[1] for place in places])
    found = fit_joint(own, theirs, right)
    both = found.odds(own, theirs)
    print(
        f"{len(places)} unsure training rows: linear {np.mean((own > 0) == right):.3f},"
        f" chat model {np.mean((theirs > 0) == right):.3f}, both {np.mean((both > 0) == right):.3f} (fitted on them);"
        f" {found}",
        flush=True,
    )
    return found


def tell(task: Task, cascade: Cascade, fast: TextModel, asked: Judge) -> None:
    """Print and record accuracy, and the share of texts that the chat model was asked about."""
    texts, right = [text for text, _ in task.test], [label for _, label in task.test]
    share = len(unsure(fast.predict(texts), THRESHOLD)) / len(texts)
    told = [cascade.labels[place] for place in cascade.predict(texts).argmax(axis=1)]
    hits = int(np.sum(np.array(told) == np.array(right)))
    macro = float(f1_score(right, told, average="macro"))
    each = f", {asked.seconds / asked.asked:.2f} s each" if asked.asked else ""
    print(f"{task.name}: accuracy {hits / len(right):.4f}, macro F1 {macro:.4f}, {share:.1%} asked{each}", flush=True)
    record(
        f"sentiment-{task.name}-cascade",
        hits / len(right),
        interval=wilson(hits, len(right)),
        unit="accuracy",
        command=COMMAND,
        dataset=task.dataset,
        files=task.files,
        seed=SEED,
        note=f"macro F1 {macro:.4f}; {len(right)} texts tested, the chat model asked about {share:.1%} of them;"
        f" {len(task.train)} trained on",
    )


def main() -> None:
    """The regression, then the short test, then the long one."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=60.0, help="stop asking after so long; run again to go on")
    asked = judge(arguments.parse_args().minutes)
    shop, short = tasks(10**9)[:2]
    try:
        found = joint(shop.train, asked)
        fast = linear(shop.train)
        cascade = Cascade(fast, asked, found)
        for task in (short, shop):
            tell(task, cascade, fast, asked)
    except OutOfTime:
        print(f"out of time after {asked.asked} more texts ({len(asked.heard)} heard in all): run it again to go on")


if __name__ == "__main__":
    main()
