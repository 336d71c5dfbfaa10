"""A private PostgreSQL server for a test session: Debian's binaries, a Unix socket in a temporary folder, fsync off."""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa

_OPTIONS = {
    "listen_addresses": "",  # the socket only: no port to fight over, safe with pytest-xdist
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "max_wal_size": "1GB",
    "log_min_messages": "fatal",
}
_ROLE = "zhanggui"
_PR_SET_PDEATHSIG = 1


def binaries() -> Path | None:
    """The newest folder that holds both `initdb` and `postgres`, or None."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: int(found.parent.name.split(".")[0]))
    on_path = shutil.which("initdb")
    candidates = [*reversed(versions), *([Path(on_path).resolve().parent] if on_path else [])]
    return next((bin_ for bin_ in candidates if (bin_ / "initdb").exists() and (bin_ / "postgres").exists()), None)


def postgres_missing() -> str | None:
    """Why no PostgreSQL can be started here; None when one can."""
    if binaries() is None:
        return "PostgreSQL's initdb and postgres are not installed (Debian: apt-get install postgresql)"
    return None


@dataclass(frozen=True, slots=True)
class Server:
    """A running server's empty database as a SQLAlchemy URL, or why there is none."""

    url: str | None
    reason: str = ""


@contextmanager
def start_postgres(_folder: Path | None = None) -> Iterator[Server]:
    """Start a server of our own; where it cannot be started, `url` is None and `reason` says why.

    PostgreSQL refuses to run as root, so root hands it to the system user `postgres`; its data therefore lies in a
    folder directly under the temporary directory, which that user can reach, and never in pytest's own (mode 700).
    The server ends with the block, or when this process dies.
    """
    found = binaries()
    if found is None:
        yield Server(None, postgres_missing() or "")
        return
    user = "postgres" if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="zg-pg-"))
    if user:
        shutil.chown(home, user)
    data = home / "data"
    initdb = [found / "initdb", "-D", data, "-U", _ROLE, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    server: subprocess.Popen[bytes] | None = None
    try:
        subprocess.run(initdb, user=user, cwd=home, check=True, capture_output=True)
        options = [f"--{key}={value}" for key, value in _OPTIONS.items()]
        command = [found / "postgres", "-D", data, "-k", home, *options]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                command, user=user, cwd=home, stdout=log, stderr=log, preexec_fn=_die_with_parent, process_group=0
            )
        _await_ready(server, home)
        yield Server(f"postgresql+psycopg://{_ROLE}@/postgres?host={home}")
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=20)
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """A new empty database on a server that `start_postgres` gave; yields its URL and drops it afterwards."""
    url = sa.make_url(server)
    name = f"test_{uuid.uuid4().hex[:12]}"
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _die_with_parent() -> None:
    # A killed test run must leave no server behind (SIGQUIT is PostgreSQL's immediate shutdown).
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _await_ready(server: subprocess.Popen[bytes], home: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(f"postgresql://{_ROLE}@/postgres?host={home}").close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {(home / 'log').read_text()[-2000:]}") from None
            time.sleep(0.05)
