"""Loopback shops that can be told to do things: they keep what they were told, and may lose an answer on its way."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass
class Told:
    """What the shop holds of one order. `lost_answers`: how many writes are done but answered with a 502."""

    order: Json = field(default_factory=dict)
    refunds: list[Json] = field(default_factory=list)
    notes: list[Json] = field(default_factory=list)
    holds: dict[str, str] = field(default_factory=dict)
    refuse: str = ""
    lost_answers: int = 0
    writes: list[str] = field(default_factory=list)
    host: str = ""


class _Handler(BaseHTTPRequestHandler):
    told: Told

    def log_message(self, *_args: object) -> None:
        """Quiet."""

    def _body(self) -> Json:
        return json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")

    def _answer(self, body: Any, *, wrote: str = "") -> None:
        status = 200
        if wrote:
            self.told.writes.append(wrote)
            if self.told.lost_answers:
                self.told.lost_answers -= 1
                status, body = 502, {"error": "bad gateway"}
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    # WooCommerce
    def do_GET(self) -> None:
        self._answer(self.told.refunds if "/refunds" in self.path else self.told.notes)

    def do_PUT(self) -> None:
        self.told.order |= self._body()
        self._answer({"id": 7, **self.told.order}, wrote="put")

    def do_POST(self) -> None:
        body = self._body()
        if self.path.endswith("graphql.json"):
            self._graphql(body["query"], body["variables"])
        else:
            kept = self.told.refunds if self.path.endswith("/refunds") else self.told.notes
            kept.append({"id": 100 + len(kept), **body})
            self._answer(kept[-1], wrote="post")

    # Shopify
    def _graphql(self, query: str, given: Json) -> None:
        told, name = self.told, query.split("(")[0].split()[-1]
        if name == "State":
            holds = [{"id": i, "handle": handle} for handle, i in told.holds.items()]
            work = [{"id": "gid://shopify/FulfillmentOrder/1", "status": "OPEN", "fulfillmentHolds": holds}]
            taken = {"id": "gid://shopify/OrderTransaction/5", "kind": "SALE", "status": "SUCCESS", "gateway": "card"}
            state = {"cancelledAt": None, "note": "", **told.order, "refunds": told.refunds, "transactions": [taken],
                     "fulfillmentOrders": {"nodes": work}}  # fmt: skip
            self._answer({"data": {"order": state}})
            return
        errors = [{"message": told.refuse}] if told.refuse else []
        answer: Json = {"userErrors": errors, "orderCancelUserErrors": errors}
        if not errors:
            answer |= self._mutate(name, given)
        self._answer({"data": {"done": answer}}, wrote=name)

    def _mutate(self, name: str, given: Json) -> Json:
        told = self.told
        if name == "Cancel":
            told.order["cancelledAt"] = "2026-01-05T00:00:00Z"
        elif name == "Update":
            told.order |= {key: value for key, value in given["input"].items() if key != "id"}
        elif name == "Hold":
            told.holds[given["hold"]["handle"]] = "gid://shopify/FulfillmentHold/9"
        elif name == "Release":
            told.holds = {handle: i for handle, i in told.holds.items() if i not in given["holds"]}
        else:
            # As Shopify: the same idempotency key is answered with what it made the first time.
            made = next((one for one in told.refunds if one["key"] == given["key"]), None)
            if made is None:
                asked = given["input"]
                made = {"legacyResourceId": str(900 + len(told.refunds)), "note": asked["note"], "key": given["key"],
                        "amount": asked["transactions"][0]["amount"]}  # fmt: skip
                told.refunds.append(made)
            return {"refund": made}
        return {}


@contextmanager
def writable() -> Iterator[Told]:
    """The server, while the block runs."""
    told = Told()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"told": told}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    told.host = f"127.0.0.1:{server.server_address[1]}"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
