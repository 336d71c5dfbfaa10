"""One contract for every embedder, the fake and the cache included; the remote one over a real loopback server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from zhanggui.kernel.errors import NotConfigured, RetryLater
from zhanggui.kernel.retrieval import CachedEmbedder, Embedder, Endpoint, HashEmbedder, NanoEmbedder, RemoteEmbedder


class Handler(BaseHTTPRequestHandler):
    """Speaks `POST /v1/embeddings` with the hash embedder; the model's name chooses a misbehaviour."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rows = HashEmbedder(64).passages(asked["input"])
        data = [{"index": place, "embedding": [float(value) for value in row]} for place, row in enumerate(rows)]
        body = json.dumps({"data": data[::-1]}).encode()
        status = {"down": 503, "refused": 401}.get(asked["model"], 200)
        if asked["model"] == "nonsense":
            body = b'{"data": "no"}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(params=["hash", "cached", "remote", "nano"])
def embedder(request: pytest.FixtureRequest, endpoint: str) -> Embedder:
    if request.param == "hash":
        return HashEmbedder()
    if request.param == "cached":
        return CachedEmbedder(HashEmbedder(), size=3)
    if request.param == "nano":
        return NanoEmbedder()
    return RemoteEmbedder(Endpoint(endpoint, "hash", 64, batch=2))


def test_rows_are_unit_vectors_in_order_and_repeatable(embedder: Embedder) -> None:
    texts = ["红色连衣裙", "wireless headphones", "红色连衣裙", "x" * 30_000, "a"]
    rows = embedder.passages(texts)
    assert rows.shape == (5, embedder.dimensions)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)
    assert np.allclose(rows[0], rows[2])
    assert np.allclose(embedder.passages(["wireless headphones"])[0], rows[1], atol=1e-3)
    assert embedder.queries([]).shape == (0, embedder.dimensions)


def test_near_texts_are_nearer(embedder: Embedder) -> None:
    query = embedder.queries(["红色的连衣裙"])[0]
    near, far = embedder.passages(["这条连衣裙是红色的", "充电器 20W"]) @ query
    assert near > far


def test_odd_texts_never_raise(embedder: Embedder) -> None:
    rows = embedder.passages(["", " ", "\x00\ud800", "ź̷a̷l̷g̷o"])
    assert np.isfinite(rows).all()


def test_what_is_wrong_at_the_endpoint_says_who_must_act(endpoint: str) -> None:
    for model, error in (("down", RetryLater), ("nonsense", RetryLater), ("refused", NotConfigured)):
        with pytest.raises(error):
            RemoteEmbedder(Endpoint(endpoint, model, 64)).queries(["a"])
    with pytest.raises(NotConfigured):
        RemoteEmbedder(Endpoint(endpoint, "hash", 32)).queries(["a"])
    with pytest.raises(RetryLater):
        RemoteEmbedder(Endpoint("http://127.0.0.1:9", "hash", 64)).queries(["a"])


def test_a_key_is_not_shown() -> None:
    assert "s3cret" not in repr(Endpoint("http://x", "m", 3, api_key="s3cret"))
