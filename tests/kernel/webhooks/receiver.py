"""Somebody's server on loopback that hears webhooks."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """Keeps what it hears, answers with `status`."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self._more = threading.Condition()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with owner._more:
                    owner.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                    owner._more.notify_all()
                self.send_response(owner.status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def events(self) -> list[tuple[str, str]]:
        """Type and id of what was heard."""
        told = [json.loads(body) for _, body in self.heard]
        return [(one["type"], one["data"]["id"]) for one in told]

    def wait_for(self, number: int) -> None:
        """Until so many were heard; fails after two minutes."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.heard) >= number, timeout=120)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """One that listens meanwhile."""
    made = Receiver()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
