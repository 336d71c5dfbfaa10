"""A server on loopback that behaves like a shop's API: pages, cost limits, 429 with Retry-After, 5xx now and then."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.connectors.shops.payloads import Json, graphql_node


@dataclass
class Shop:
    """What the server has, and how it misbehaves: `faults` are answered first, one a request."""

    orders: list[Json] = field(default_factory=list)
    faults: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    throttles: int = 0
    page: int = 2
    asked: int = 0
    host: str = ""


class _Handler(BaseHTTPRequestHandler):
    shop: Shop

    def log_message(self, *_args: object) -> None:
        """Quiet."""

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _fault(self) -> bool:
        self.shop.asked += 1
        if not self.shop.faults:
            return False
        status, headers = self.shop.faults.pop(0)
        self._answer(status, {"error": "not now"}, headers)
        return True

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self._fault():
            return
        if self.headers["x-shopify-access-token"] != "shpat_0123456789abcdef":
            self._answer(401, {"errors": "no"})
        elif self.shop.throttles:
            self.shop.throttles -= 1
            cost = {"requestedQueryCost": 100, "throttleStatus": {"currentlyAvailable": 95, "restoreRate": 50.0}}
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            self._answer(200, {"errors": [error], "extensions": {"cost": cost}})
        else:
            self._answer(200, {"data": {"orders": self._nodes(body["variables"])}})

    def _nodes(self, variables: Json) -> Json:
        since = variables["query"].split("'")[1]
        found = sorted((o for o in self.shop.orders if o["updated_at"] >= since), key=lambda o: o["updated_at"])
        start = int(variables["after"] or 0)
        end = start + self.shop.page
        info = {"hasNextPage": end < len(found), "endCursor": str(end)}
        return {"pageInfo": info, "nodes": [graphql_node(o) for o in found[start:end]]}

    def do_GET(self) -> None:
        if self._fault():
            return
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        found = [o for o in self.shop.orders if o["date_modified_gmt"] > query["modified_after"]]
        found.sort(key=lambda o: o["date_modified_gmt"])
        size, start = int(query["per_page"]), (int(query["page"]) - 1) * int(query["per_page"])
        self._answer(200, found[start : start + size])


@contextmanager
def serving(shop: Shop) -> Iterator[Shop]:
    """The server, while the block runs; `shop.host` is where."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"shop": shop}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    shop.host = f"127.0.0.1:{server.server_address[1]}"
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
