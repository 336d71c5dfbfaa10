"""A folder packed as one zip, unpacked within limits. Names are labels only: nothing is written where they point."""

import tempfile
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from zhanggui.kernel.errors import BadInput

_MOST_FILES = 5_000
_MOST_BYTES = 512 << 20
_RATIO = 200
_RATIO_FROM = 10 << 20
_LOCKED, _UTF8 = 0x1, 0x800
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the folder: its path inside, with `/`, and where its content lies now."""

    name: str
    path: Path


def is_archive(path: Path) -> bool:
    """Whether a file is a zip by its first bytes, whatever its name."""
    with path.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


@contextmanager
def unpacked(path: Path, *, most_bytes: int = _MOST_BYTES) -> Generator[tuple[Member, ...]]:
    """The files of a zip, by name; they are gone afterwards.

    Raises:
        BadInput: broken, locked, too many files, or too large once unpacked (a zip bomb).
    """
    with tempfile.TemporaryDirectory(prefix="zhanggui-folder-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                require_sane(archive, most_bytes=most_bytes)
                members = tuple(_members(archive, Path(folder)))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as broken:
            raise BadInput(field="file", expected="a whole, unencrypted archive", found=str(broken)) from broken
        yield tuple(sorted(members, key=lambda one: one.name))


def require_sane(archive: zipfile.ZipFile, *, most_bytes: int) -> None:
    """Refuse an archive before anything of it is unpacked.

    Raises:
        BadInput: a member is locked, there are too many, or they are too large once unpacked.
    """
    found = archive.infolist()
    if any(one.flag_bits & _LOCKED for one in found):
        raise BadInput(field="file", expected="an archive without a password", found="a locked archive")
    if len(found) > _MOST_FILES:
        raise BadInput(field="file", expected=f"at most {_MOST_FILES:,} files", found=f"{len(found):,} files")
    size, packed = sum(one.file_size for one in found), sum(one.compress_size for one in found)
    if size > most_bytes:
        raise BadInput(field="file", expected=f"at most {most_bytes >> 20} MiB unpacked", found=f"{size >> 20} MiB")
    if size > _RATIO_FROM and size > _RATIO * max(packed, 1):
        raise BadInput(
            field="file", expected=f"at most {_RATIO} times its packed size", found=f"{size // max(packed, 1)} times"
        )


def _members(archive: zipfile.ZipFile, folder: Path) -> Generator[Member]:
    for number, info in enumerate(archive.infolist()):
        name = _name(info)
        if info.is_dir() or not name or any(part.startswith((".", "__MACOSX")) for part in name.split("/")):
            continue
        target = folder / str(number)
        with archive.open(info) as packed, target.open("wb") as stream:
            # zipfile gives no more bytes than the directory says, and that sum was checked.
            while chunk := packed.read(_CHUNK):
                stream.write(chunk)
        yield Member(name, target)


def _name(info: zipfile.ZipInfo) -> str:
    """Its path, without anything that climbs out; old Chinese zips write names in GBK."""
    name = info.filename
    if not info.flag_bits & _UTF8:
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = info.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "/".join(part for part in parts if part not in ("..", "/", "."))
