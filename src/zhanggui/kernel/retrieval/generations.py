"""Where an index lies on disk, and how a rebuilt one takes its place at once.

<folder>/CURRENT            the name of the generation that is read, replaced atomically
<folder>/REBUILDING         the name of the generation that is being built, while one is
<folder>/<generation>/      a tantivy index; about.json says its format and embedding model
<folder>/<generation>.journal   what was written to the live index meanwhile, one JSON object a line
<folder>/lock               held by a writer and by the swap (rebuild.lock: by who rebuilds)
"""

import fcntl
import os
import shutil
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import orjson

from zhanggui.kernel.errors import Conflict
from zhanggui.kernel.retrieval.models import Document
from zhanggui.kernel.types import new_id

FORMAT = 1


class Generations:
    """The generations of one merchant's collection."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._mutex, self._depth = threading.RLock(), 0

    @contextmanager
    def locked(self) -> Generator[None]:
        """Hold the writers' lock, across threads and processes; may be nested. It goes when the process dies."""
        with self._mutex, (self._folder / "lock").open("a") as handle:
            if not self._depth:
                fcntl.flock(handle, fcntl.LOCK_EX)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1

    @contextmanager
    def building(self) -> Generator[None]:
        """Hold the right to rebuild.

        Raises:
            Conflict: somebody is rebuilding already.
        """
        with (self._folder / "rebuild.lock").open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as busy:
                raise Conflict("this search index is being rebuilt already") from busy
            yield

    def current(self) -> str:
        """The generation to read, or "" when there is none."""
        return self._read("CURRENT")

    def rebuilding(self) -> str:
        """The generation being built, or ""."""
        return self._read("REBUILDING")

    def path(self, generation: str) -> Path:
        """Its folder."""
        return self._folder / generation

    def begin(self, embedder: str, *, announce: bool) -> str:
        """Make an empty generation; with `announce`, writers keep a journal for it from now on."""
        generation = f"g{new_id()}"
        path = self.path(generation)
        path.mkdir()
        (path / "about.json").write_bytes(orjson.dumps({"format": FORMAT, "embedder": embedder}))
        if announce:
            self._replace("REBUILDING", generation)
        return generation

    def made_with(self, generation: str) -> str | None:
        """The embedding model of a generation; None when its format is not ours or it is damaged."""
        try:
            about = orjson.loads((self.path(generation) / "about.json").read_bytes())
            return str(about["embedder"]) if about["format"] == FORMAT else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def note(self, generation: str, documents: list[Document], deleted: list[str]) -> None:
        """Append a write to the journal of a generation that is being built."""
        with (self._folder / f"{generation}.journal").open("ab") as journal:
            for one in deleted:
                journal.write(orjson.dumps({"delete": one}) + b"\n")
            for one in documents:
                kept = {"id": one.id, "text": one.text, "title": one.title, "fields": dict(one.fields)}
                journal.write(orjson.dumps({"add": kept}) + b"\n")
            journal.flush()
            os.fsync(journal.fileno())

    def journal(self, generation: str) -> tuple[list[Document], list[str]]:
        """The last word on every id that was written meanwhile: documents to add, ids to delete."""
        path = self._folder / f"{generation}.journal"
        last: dict[str, Document | None] = {}
        for line in path.read_bytes().splitlines() if path.exists() else ():
            try:
                entry = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue  # a writer died in the middle of its last line: it never returned
            one = entry.get("add")
            last[one["id"] if one else entry["delete"]] = Document(**one) if one else None
        return [one for one in last.values() if one], [key for key, one in last.items() if one is None]

    def publish(self, generation: str) -> None:
        """Make it the one that is read, and remove all but one that is being built. Hold the lock."""
        self._replace("CURRENT", generation)
        building = self.rebuilding()
        if building == generation:
            (self._folder / "REBUILDING").unlink(missing_ok=True)
            building = ""
        for other in self._folder.iterdir():
            if other.name.startswith("g") and other.name not in (generation, building, f"{building}.journal"):
                shutil.rmtree(other, ignore_errors=True) if other.is_dir() else other.unlink(missing_ok=True)

    def abandon(self, generation: str) -> None:
        """Give up building it."""
        if self.rebuilding() == generation:
            (self._folder / "REBUILDING").unlink(missing_ok=True)
        shutil.rmtree(self.path(generation), ignore_errors=True)
        (self._folder / f"{generation}.journal").unlink(missing_ok=True)

    def _read(self, name: str) -> str:
        try:
            generation = (self._folder / name).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""
        return generation if generation and self.path(generation).is_dir() else ""

    def _replace(self, name: str, value: str) -> None:
        fresh = self._folder / f"{name}.new"
        with fresh.open("w", encoding="utf-8") as handle:
            handle.write(value)
            handle.flush()
            os.fsync(handle.fileno())
        fresh.replace(self._folder / name)
