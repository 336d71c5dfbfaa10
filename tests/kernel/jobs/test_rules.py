"""The pure parts: chunks, pace, time left, error texts, run ids; and that nothing listens or starts by itself."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.kernel.jobs.conftest import MakeJobs

from zhanggui.kernel.jobs import Limits
from zhanggui.kernel.jobs.durable import chunk_of
from zhanggui.kernel.jobs.rules import chunk_size, error_text, eta
from zhanggui.kernel.jobs.work import Pace

_NOW = datetime(2026, 1, 5, tzinfo=UTC)


@given(total=st.integers(0, 100_000), concurrency=st.integers(1, 64), chunk=st.integers(1, 500))
def test_chunks_are_small_enough_to_fill_every_slot(total: int, concurrency: int, chunk: int) -> None:
    size = chunk_size(total, Limits(concurrency=concurrency, chunk=chunk))
    assert 1 <= size <= chunk
    if total >= concurrency * chunk:
        assert size == chunk
    elif total >= concurrency:
        assert size * concurrency < total + concurrency


def test_time_left_follows_the_pace() -> None:
    assert eta(_NOW, _NOW - timedelta(minutes=10), 20, 40) == _NOW + timedelta(minutes=20)
    assert eta(_NOW, None, 20, 40) is None
    assert eta(_NOW, _NOW, 20, 40) is None
    assert eta(_NOW, _NOW - timedelta(minutes=1), 0, 40) is None
    assert eta(_NOW, _NOW - timedelta(minutes=1), 20, 0) is None


@given(per_minute=st.integers(1, 20), gaps=st.lists(st.floats(0, 30), max_size=80))
def test_no_minute_holds_more_than_the_pace_allows(per_minute: int, gaps: list[float]) -> None:
    now = 0.0
    begun: list[float] = []
    pace = Pace(per_minute, lambda: now)
    for gap in gaps:
        now += gap
        delay = pace.delay()
        if delay == 0:
            begun.append(now)
        else:
            assert len([at for at in begun if now - at < 60]) == per_minute
            assert 0 < delay <= 60
    for at in begun:
        assert len([other for other in begun if at <= other < at + 60]) <= per_minute


@given(st.text(max_size=5_000))
def test_error_texts_fit_any_database(text: str) -> None:
    shown = error_text(ValueError(text))
    assert len(shown) <= 2_000 and "\0" not in shown
    shown.encode()


def test_a_run_id_names_its_chunk_whatever_the_merchant_is_called() -> None:
    assert chunk_of("a|b 店|job_1|12|01H") == ("a|b 店", "job_1", 12)


def _listening() -> set[str]:
    sockets = {str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()}
    rows = [
        line.split()
        for table in ("/proc/self/net/tcp", "/proc/self/net/tcp6", "/proc/self/net/udp")
        for line in Path(table).read_text().splitlines()[1:]
    ]
    return {row[1] for row in rows if f"socket:[{row[9]}]" in sockets}


def test_launching_opens_no_network_socket(make_jobs: MakeJobs) -> None:
    before = _listening()
    make_jobs(launched=True)
    assert _listening() == before


def test_importing_starts_nothing() -> None:
    code = "import threading, zhanggui.kernel.jobs; from dbos._dbos import _dbos_global_instance as one;"
    code += "assert one is None and threading.active_count() == 1"
    subprocess.run([sys.executable, "-c", code], check=True)
