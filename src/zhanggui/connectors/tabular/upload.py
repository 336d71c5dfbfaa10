"""Unpack and decode an uploaded file: size and ratio limits against zip bombs, the encoding found or a clear error."""

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from zhanggui.kernel.errors import BadInput

_CHUNK = 4 << 20
_RATIO_APPLIES_FROM = 16 << 20
_ENCODINGS = "UTF-8, UTF-16 or GBK/GB18030 text"
_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an upload may cost: bytes once unpacked, unpacked bytes per packed byte, characters in one cell."""

    unpacked_bytes: int = 1 << 30
    ratio: int = 200
    cell_characters: int = 1_000_000


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file ready to read: `path` holds UTF-8 without a BOM; the rest says what the upload was."""

    path: Path
    name: str
    encoding: str
    packing: str
    size: int
    limits: Limits


@contextmanager
def open_text(
    path: Path, *, name: str | None = None, encoding: str | None = None, limits: Limits | None = None
) -> Generator[TextFile]:
    """Give an upload as UTF-8 text on disk; temporary copies are gone afterwards.

    Args:
        path: the upload as it came.
        name: its name at the sender's, where that differs.
        encoding: use this Python codec instead of finding out.

    Raises:
        BadInput: not text, an encoding nobody knows, a broken or oversized archive, an Excel workbook.
    """
    bounds, shown = limits or Limits(), name or path.name
    with tempfile.TemporaryDirectory(prefix="zhanggui-import-") as folder:
        plain, packing = _unpack(path, Path(folder), bounds)
        size = plain.stat().st_size
        if size > bounds.unpacked_bytes:
            raise _too_big(bounds, size)
        codec = encoding or detect_encoding(plain)
        clean = plain if codec == "utf-8" else _transcode(plain, Path(folder) / "text", codec)
        yield TextFile(clean, shown, codec, packing, size, bounds)


def detect_encoding(path: Path) -> str:
    """The Python codec that reads the whole file without an error.

    Raises:
        BadInput: none of UTF-8, UTF-16 and GB18030 does, or what GB18030 gives is not plausible Chinese.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    for bom, codec in _BOMS:
        if head.startswith(bom):
            return codec
    guess = _utf16_by_zeros(head)
    if guess:
        return guess
    offset = _first_undecodable(path, "utf-8")
    if offset is None:
        return "utf-8"
    if _first_undecodable(path, "gb18030") is None and _plausible_chinese(path):
        return "gb18030"
    with path.open("rb") as stream:
        stream.seek(offset)
        found = stream.read(4).hex(" ")
    raise BadInput(field="file", expected=_ENCODINGS, found=f"bytes {found} at offset {offset}")


def _utf16_by_zeros(head: bytes) -> str | None:
    # ASCII letters in UTF-16 have a zero in every second byte; no other text encoding has zeros like that.
    if len(head) < 4:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > half * 0.3 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.3 and odd < half * 0.05:
        return "utf-16-be"
    return None


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.read(_CHUNK), b"")


def _first_undecodable(path: Path, codec: str) -> int | None:
    """Offset of the first byte that the codec cannot read, or None."""
    # A character that the end of a chunk cuts in two is carried over to the next.
    carried, offset = b"", 0
    with path.open("rb") as stream:
        for chunk in _chunks(stream):
            block = carried + chunk
            try:
                block.decode(codec)
                carried = b""
            except UnicodeDecodeError as broken:
                if len(block) - broken.start >= 4:
                    return offset + broken.start
                carried = block[broken.start :]
            offset += len(block) - len(carried)
    return offset if carried else None


def _plausible_chinese(path: Path) -> bool:
    # Latin-1 text may decode as GB18030 by accident, but into rare characters: GB 2312 has the common ones.
    with path.open("rb") as stream:
        text = stream.read(1 << 20).decode("gb18030", errors="ignore")
    wide = [character for character in text if ord(character) > 127]
    common = sum(1 for character in wide if character.encode("gb2312", errors="ignore"))
    return common >= 0.8 * len(wide)


def _transcode(source: Path, target: Path, codec: str) -> Path:
    try:
        with (
            source.open(encoding=codec, newline="") as reader,
            target.open("w", encoding="utf-8", newline="") as writer,
        ):
            for text in iter(lambda: reader.read(_CHUNK), ""):
                writer.write(text)
    except (UnicodeError, LookupError) as broken:
        raise BadInput(field="file", expected=f"text in {codec}", found=str(broken)) from broken
    return target


def _unpack(path: Path, folder: Path, limits: Limits) -> tuple[Path, str]:
    with path.open("rb") as stream:
        magic = stream.read(4)
    try:
        if magic[:2] == b"\x1f\x8b":
            with gzip.open(path, "rb") as packed:
                return _copy(cast(IO[bytes], packed), folder, limits, path.stat().st_size), "gzip"
        if magic == b"PK\x03\x04":
            with zipfile.ZipFile(path) as archive:
                member = _only_member(archive)
                with archive.open(member) as packed:
                    return _copy(packed, folder, limits, member.compress_size), "zip"
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as broken:
        raise BadInput(field="file", expected="a whole, unencrypted archive", found=str(broken)) from broken
    return path, ""


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    names = archive.namelist()
    if "[Content_Types].xml" in names:
        raise BadInput(
            field="file", expected="a CSV or JSON file (save the workbook as CSV)", found="an Excel workbook"
        )
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith(("__MACOSX/", ".")) and "/." not in member.filename
    ]
    if len(members) != 1:
        raise BadInput(field="file", expected="one file in the archive", found=f"{len(members)} files")
    return members[0]


def _copy(packed: IO[bytes], folder: Path, limits: Limits, packed_size: int) -> Path:
    target, written = folder / "unpacked", 0
    with target.open("wb") as stream:
        for chunk in _chunks(packed):
            written += len(chunk)
            if written > limits.unpacked_bytes:
                raise _too_big(limits, written)
            if written > _RATIO_APPLIES_FROM and written > limits.ratio * max(packed_size, 1):
                found = f"over {written // max(packed_size, 1)} times its packed size"
                raise BadInput(field="file", expected=f"at most {limits.ratio} times its packed size", found=found)
            stream.write(chunk)
    return target


def _too_big(limits: Limits, found: int) -> BadInput:
    expected = f"at most {limits.unpacked_bytes >> 20} MiB unpacked (split the file)"
    return BadInput(field="file", expected=expected, found=f"over {found >> 20} MiB")
