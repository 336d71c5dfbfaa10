"""`zhanggui serve` as a process of its own on loopback, to be talked to and to be told to stop."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.web.conftest import wait_until_up
from zhanggui.server import free_port

GRACE_SECONDS = 30  # TimeoutStopSec of deploy/zhanggui.service


@dataclass
class Running:
    """A server, where it answers, and what it wrote."""

    process: subprocess.Popen[bytes]
    port: int
    log_file: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")

    def stop(self) -> int:
        """SIGTERM, and the exit code; fails when it is not gone within the unit's grace."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=GRACE_SECONDS)

    def open(self, head: str) -> socket.socket:
        """A connection on which the head of a request was sent."""
        held = socket.create_connection(("127.0.0.1", self.port), timeout=GRACE_SECONDS)
        held.sendall(head.replace("\n", "\r\n").encode())
        return held


def read_all(held: socket.socket) -> bytes:
    """Everything until the other side closes."""
    parts: list[bytes] = []
    while part := held.recv(65536):
        parts.append(part)
    return b"".join(parts)


@contextmanager
def running(data: Path, **settings: str) -> Iterator[Running]:
    """Serve the installation in `data`; settings are given as environment variables without their prefix."""
    port = free_port("127.0.0.1")
    log_file = data / f"server-{port}.log"
    data.mkdir(parents=True, exist_ok=True)
    ours = {"DATA_DIR": str(data), "MODEL": "none", "LOCALE": "en", **settings}
    named = {name if name.startswith("OTEL_") else f"ZHANGGUI_{name}": value for name, value in ours.items()}
    environment = {**os.environ, **named}
    with log_file.open("wb") as log:
        command = [sys.executable, "-m", "zhanggui", "serve", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=data)
        try:
            wait_until_up(f"http://127.0.0.1:{port}", process)
            yield Running(process, port, log_file)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
