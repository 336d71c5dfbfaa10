"""Back up and restore an installation on SQLite, also while it runs.

The archive is a gzipped tar: `manifest.json` (format, version of the product, SHA-256 of every file) and the files of
the data folder. Databases are copied with SQLite's online backup, so a copy is one consistent state. What can be made
again (weights, search indexes, the demo's own folder) is left out.
"""

import hashlib
import json
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from zhanggui.kernel.errors import BadInput, Conflict

FORMAT = 1
_LEFT_OUT = frozenset({"models", "indexes", "demo", "cache"})
_PASSING = (".lock", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What an archive holds: `files` as (name, bytes), in the order in which they were taken."""

    archive: Path
    version: str
    made_at: datetime
    files: tuple[tuple[str, int], ...]


def back_up(data_dir: Path, archive: Path, *, version: str) -> BackedUp:
    """Write the whole state of an installation into one file; the file appears whole or not at all.

    Args:
        data_dir: the data folder of an installation whose database is SQLite.
        archive: the file to write; must not be there yet.
        version: of the product, for the manifest.

    Raises:
        Conflict: the archive is there already.
        BadInput: the folder holds no database.
    """
    if archive.exists():
        raise Conflict(f"{archive} is there already; a backup never overwrites one")
    if not (data_dir / "zhanggui.db").is_file():
        raise BadInput(field="data_dir", expected="a data folder with zhanggui.db", found=str(data_dir))
    now = datetime.now(UTC)
    archive.parent.mkdir(parents=True, exist_ok=True)
    # Beside the archive, where there is room for it: a system's temporary folder may be small.
    with tempfile.TemporaryDirectory(prefix=".zhanggui-backup-", dir=archive.parent) as folder:
        staged = Path(folder) / "files"
        names = tuple(_names(data_dir))
        for name in names:
            _copy(data_dir / name, staged / name)
        manifest = {
            "format": FORMAT,
            "version": version,
            "made_at": now.isoformat(),
            "files": {name: _digest(staged / name) for name in names},
        }
        (Path(folder) / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        partial = Path(folder) / "archive"
        partial.touch(mode=0o600)
        with tarfile.open(partial, "w:gz", compresslevel=6) as packed:
            packed.add(Path(folder) / "manifest.json", "manifest.json")
            for name in names:
                packed.add(staged / name, name)
        partial.rename(archive)
        files = tuple((name, (staged / name).stat().st_size) for name in names)
    return BackedUp(archive, version, now, files)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _names(data_dir: Path) -> Iterator[str]:
    """The job queue's file first: a queue older than the data runs a step again, which has its key and does nothing;
    a queue newer than the data would believe in work that the data never saw."""
    found = sorted(
        str(path.relative_to(data_dir).as_posix())
        for path in data_dir.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and path.relative_to(data_dir).parts[0] not in _LEFT_OUT
        and not path.name.endswith(_PASSING)
    )
    yield from sorted(found, key=lambda name: (name == "zhanggui.db", name != "jobs.db", name))


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)
    if path.suffix != ".db":
        shutil.copyfile(path, target)
        return
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def restore(archive: Path, data_dir: Path) -> BackedUp:
    """Bring an installation back into an empty folder; nothing is put in place before everything was checked.

    Raises:
        Conflict: the folder holds a database already.
        BadInput: the file is no backup, was cut off, or a file in it is not what the manifest says.
    """
    if (data_dir / "zhanggui.db").exists():
        raise Conflict(f"{data_dir} holds an installation already; restore into an empty folder")
    data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=data_dir) as folder:
        made = _unpacked(archive, Path(folder))
        for name, _size in made.files:
            path = Path(folder) / name
            if path.suffix == ".db":
                _whole(path, name)
            path.chmod(0o600)
        # The database last: a folder without it counts as empty, so that a cut-off restore can simply be run again.
        for name, _size in sorted(made.files, key=lambda one: one[0] == "zhanggui.db"):
            target = data_dir / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / name).replace(target)
    return made


def _unpacked(archive: Path, folder: Path) -> BackedUp:
    try:
        with tarfile.open(archive, "r:gz") as packed:
            packed.extractall(folder, filter="data")
        manifest = json.loads((folder / "manifest.json").read_bytes())
        wanted: dict[str, str] = dict(manifest["files"])
        version, made_at = str(manifest["version"]), datetime.fromisoformat(manifest["made_at"])
        known = manifest["format"]
    except (OSError, EOFError, ValueError, KeyError, TypeError, tarfile.TarError) as broken:
        raise BadInput(field="archive", expected="a whole backup of Zhanggui", found=f"{archive}: {broken}") from broken
    if known != FORMAT:
        raise BadInput(field="archive", expected=f"format {FORMAT}", found=repr(known))
    sizes: list[tuple[str, int]] = []
    for name, digest in wanted.items():
        path = folder / PurePosixPath(name)
        if not path.is_file() or _digest(path) != digest:
            raise BadInput(field="archive", expected=f"{name} as the manifest says", found="missing or changed")
        sizes.append((name, path.stat().st_size))
    return BackedUp(archive, version, made_at, tuple(sizes))


def _whole(path: Path, name: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        try:
            answer = database.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as broken:
            answer = str(broken)
    if answer != "ok":
        raise BadInput(field="archive", expected=f"{name} to be a whole database", found=str(answer)[:200])
