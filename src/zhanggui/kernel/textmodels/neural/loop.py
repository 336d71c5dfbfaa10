"""One training loop for all nets: seeds, progress, early stopping, and going on after a kill as if it had not been."""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.hashing import Ints
from zhanggui.kernel.textmodels.neural.extra import needed
from zhanggui.kernel.textmodels.training import Epoch, Plan

torch: Any = needed("torch")
_POOL = 40  # batches whose rows are sorted by length together: less padding, still shuffled


@dataclass(frozen=True)
class Lesson:
    """What a net learns: `loss` of some rows (a scalar tensor), `score` on rows kept aside (higher is better)."""

    lengths: Sequence[int]
    loss: Callable[[Ints], Any]
    score: Callable[[], float]


@dataclass
class _State:
    epoch: int = 0
    best: float = float("-inf")
    waited: int = 0
    history: list[Epoch] = field(default_factory=list[Epoch])
    weights: Any = None


def train(net: Any, lesson: Lesson, plan: Plan, *, stamp: str) -> tuple[Epoch, ...]:
    """Train until the score has not risen for `plan.patience` epochs; the net ends with its best weights.

    With `plan.checkpoint` each epoch's end is written there, whole or not at all; a run with the same `stamp` (what
    the rows and the settings are) goes on from it and ends with the same weights as a run without interruption.
    """
    optimizer = torch.optim.AdamW(net.parameters(), lr=plan.rate, weight_decay=0.01)
    steps = max(1, plan.epochs * -(-len(lesson.lengths) // plan.batch))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, partial(_rate, steps))
    state = _resumed(plan.checkpoint, stamp, net, optimizer, schedule)
    while state.epoch < plan.epochs and state.waited < plan.patience:
        torch.manual_seed(plan.seed * 100_003 + state.epoch)
        loss = _one_epoch(net, lesson, plan, state.epoch, (optimizer, schedule))
        net.eval()
        with torch.no_grad():
            score = lesson.score()
        state.epoch += 1
        state.history.append(Epoch(state.epoch, loss, score))
        if score > state.best:
            state.best, state.waited = score, 0
            state.weights = {name: value.clone() for name, value in net.state_dict().items()}
        else:
            state.waited += 1
        _keep(plan.checkpoint, stamp, net, optimizer, schedule, state)
        if plan.tell is not None:
            plan.tell(state.history[-1])
    if state.weights is not None:
        net.load_state_dict(state.weights)
    net.eval()
    return tuple(state.history)


def stamp_of(*parts: object) -> str:
    """A hash of what decides a run: rows and settings."""
    text = json.dumps(parts, ensure_ascii=True, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _one_epoch(net: Any, lesson: Lesson, plan: Plan, epoch: int, tools: tuple[Any, Any]) -> float:
    optimizer, schedule = tools
    net.train()
    total = rows = 0.0
    for batch in batches(lesson.lengths, plan.batch, plan.seed + 7919 * epoch):
        optimizer.zero_grad()
        loss = lesson.loss(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += float(loss.detach()) * len(batch)
        rows += len(batch)
    mean = total / max(1.0, rows)
    if not np.isfinite(mean):
        raise BadInput(field="--rate", expected="a rate at which the loss stays finite", found=f"loss {mean}")
    return mean


def batches(lengths: Sequence[int], size: int, seed: int) -> list[Ints]:
    """Row numbers in shuffled batches of rows of like length."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(lengths))
    known = np.asarray(lengths)
    found: list[Ints] = []
    for first in range(0, len(order), size * _POOL):
        pool = order[first : first + size * _POOL]
        pool = pool[np.argsort(known[pool], kind="stable")]
        found += [pool[start : start + size] for start in range(0, len(pool), size)]
    return [found[place] for place in random.permutation(len(found))]


def _rate(steps: int, step: int) -> float:
    # Up over the first twentieth, then down to a twentieth of the full rate.
    warm = max(1, steps // 20)
    if step < warm:
        return (step + 1) / warm
    return max(0.05, 1 - (step - warm) / max(1, steps - warm))


def _resumed(path: Path | None, stamp: str, net: Any, optimizer: Any, schedule: Any) -> _State:
    if path is None or not path.is_file():
        return _State()
    try:
        kept: dict[str, Any] = torch.load(path, weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, KeyError):
        return _State()
    if kept.get("stamp") != stamp:
        return _State()
    net.load_state_dict(kept["net"])
    optimizer.load_state_dict(kept["optimizer"])
    schedule.load_state_dict(kept["schedule"])
    history = [Epoch(**row) for row in kept["history"]]
    return _State(kept["epoch"], kept["best"], kept["waited"], history, kept["weights"])


def _keep(path: Path | None, stamp: str, net: Any, optimizer: Any, schedule: Any, state: _State) -> None:
    if path is None:
        return
    content = {
        "stamp": stamp,
        "net": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "epoch": state.epoch,
        "best": state.best,
        "waited": state.waited,
        "history": [asdict(epoch) for epoch in state.history],
        "weights": state.weights,
    }
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with draft.open("wb") as file:
        torch.save(content, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
