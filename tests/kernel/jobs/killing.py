"""Kill a working process again and again at seeded random instants, until its work is done.

Lives are forked from a server process that has imported everything already, so that a cycle takes as long as the work
that is interrupted, and not as long as Python's imports.
"""

import multiprocessing
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

ROOT = Path(__file__).parents[3]
Life = Callable[[Connection, str, str], None]
"""Opens the database at a URL, works in a data directory, sends "ready" when it begins and "done" when all is done."""

_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Death:
    """How one life of the process ended."""

    killed: bool
    seconds: float


def lives(life: Life, url: str, data_dir: Path, *, times: int, longest: float, seed: int) -> Iterator[Death]:
    """Up to `times` lives, each ended by kill -9 within `longest` seconds of work; then one that is left to finish.

    One in ten is killed earlier: while it opens its databases, recovers and claims.
    """
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([life.__module__])
    chance = random.Random(seed)
    for number in range(times + 1):
        started = time.monotonic()
        ours, theirs = context.Pipe()
        process = context.Process(target=life, args=(theirs, url, str(data_dir)))
        process.start()
        theirs.close()
        if number == times:
            _expect(ours, "ready")
            _expect(ours, "done")
        elif chance.random() < 0.1:
            time.sleep(chance.uniform(0.0, longest))
        else:
            _expect(ours, "ready")
            time.sleep(chance.uniform(0.0, longest))
        if number < times:
            process.kill()
        process.join(_PATIENCE)
        ours.close()
        yield Death(process.exitcode == -signal.SIGKILL, time.monotonic() - started)


def _expect(connection: Connection, word: str) -> None:
    assert connection.poll(_PATIENCE), f"the process did not say {word!r} in time"
    assert connection.recv() == word
