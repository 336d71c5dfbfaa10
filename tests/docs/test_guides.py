"""Every guide is run: its `bash` and `python` blocks in order, in a folder of its own, without a chat model.

A `text` block right after one that runs shows lines that its output must hold. A guide with the mark
`<!-- needs: serve -->` runs beside a real `zhanggui serve`. Where blocks run on after a failure is the guide's own
business: it writes `|| true` and says why.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.docs.markdown import GUIDES, ROOT, runs
from tests.docs.warm import warm_commands

DOCUMENTS = [page for page in (ROOT / "README.md", *GUIDES) if runs(page.read_text(encoding="utf-8"))]
_SECONDS = 240


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with warm_commands(tmp_path_factory.mktemp("docs") / "bin") as folder:
        yield folder


@contextmanager
def served(environment: dict[str, str]) -> Generator[None]:
    """A real server over the guide's data folder until the guide is through."""
    address = f"http://127.0.0.1:{environment['ZHANGGUI_PORT']}/healthz"
    command = [sys.executable, "-m", "zhanggui", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server:
        try:
            end = time.monotonic() + 120
            while server.poll() is None and time.monotonic() < end:
                try:
                    httpx.get(address, trust_env=False).raise_for_status()
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            if server.poll() is not None:
                pytest.fail(f"the server did not start: {server.stderr.read().decode() if server.stderr else ''}")
            yield
        finally:
            server.terminate()
            server.communicate(timeout=60)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


def _environment(commands: Path, folder: Path) -> dict[str, str]:
    return {
        "PATH": f"{commands}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "COLUMNS": "110",
        "ZHANGGUI_DATA_DIR": str(folder / "data"),
        "ZHANGGUI_MODEL": "none",
        "ZHANGGUI_PORT": str(_free_port()),
    }


def _script(text: str, folder: Path) -> str:
    """One bash script for the whole guide, so that variables live on from block to block; each block has its output."""
    parts = ["set -euo pipefail\n"]
    for number, (block, _) in enumerate(runs(text)):
        body = block.text
        if block.language == "python":
            (folder / f"block{number}.py").write_text(block.text, encoding="utf-8")
            body = f"python {folder}/block{number}.py\n"
        parts.append(f"{{\n{body}}} > {folder}/block{number}.out 2>&1 < /dev/null\n")
    return "".join(parts)


@pytest.mark.slow
@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.stem)
def test_its_blocks_run_and_show_what_it_says(page: Path, commands: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    blocks, work = tmp_path / "blocks", tmp_path / "work"
    blocks.mkdir()
    work.mkdir()
    environment = _environment(commands, tmp_path)

    def run() -> int:
        script = _script(text, blocks)
        return subprocess.run(["bash", "-c", script], cwd=work, env=environment, timeout=_SECONDS).returncode

    if "<!-- needs: serve -->" in text:
        with served(environment):
            status = run()
    else:
        status = run()
    for number, (block, expected) in enumerate(runs(text)):
        place = f"{page.name}:{block.line}"
        output = blocks / f"block{number}.out"
        assert output.exists(), f"{place} never ran: the block before it failed"
        shown = output.read_text(encoding="utf-8")
        last = number + 1 == len(runs(text)) or not (blocks / f"block{number + 1}.out").exists()
        assert not (status and last), f"{place} ended with {status}:\n{block.text}\n{shown}"
        plain = " ".join(shown.split())
        for line in expected:
            assert " ".join(line.split()) in plain, f"{place} does not show {line!r}:\n{shown}"
