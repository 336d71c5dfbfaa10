"""Backups: whole, also under writes; a bad archive changes nothing."""

import io
import json
import sqlite3
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from tests.conftest import TESTER

from zhanggui.app import build
from zhanggui.catalog import ProductStore
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.storage import back_up, restore
from zhanggui.settings import Settings


def shop(folder: Path, products: int) -> None:
    """An installation with some products and an audit trail."""
    app = build(Settings(data_dir=folder, model="none"))
    with app.database.begin("main", TESTER) as uow:
        ProductStore(uow).create([Product(id=f"p{number}", title=f"商品 {number}") for number in range(products)], "b")
        AuditLog(uow).record("products.made", "b", {"count": products})
    app.close()


def count(folder: Path) -> int:
    """Products in an installation, through the product itself."""
    app = build(Settings(data_dir=folder, model="none"))
    try:
        with app.database.begin("main", TESTER, read_only=True) as uow:
            assert not list(AuditLog(uow).verify())
            return len(ProductStore(uow).all_ids())
    finally:
        app.close()


def test_a_restored_installation_is_the_one_that_was_backed_up(tmp_path: Path) -> None:
    shop(tmp_path / "a", 300)
    (tmp_path / "a" / "models").mkdir()
    (tmp_path / "a" / "models" / "big.gguf").write_bytes(b"x" * 1000)
    (tmp_path / "a" / "trained" / "one").mkdir(parents=True)
    (tmp_path / "a" / "trained" / "one" / "card.json").write_text("{}")
    Settings(data_dir=tmp_path / "a").signing_key()
    made = back_up(tmp_path / "a", tmp_path / "out" / "backup.tar.gz", version="1")
    names = [name for name, _size in made.files]
    assert names[-1] == "zhanggui.db"
    assert "secret.key" in names and "trained/one/card.json" in names and not any("gguf" in name for name in names)
    assert (tmp_path / "out" / "backup.tar.gz").stat().st_mode & 0o077 == 0
    restore(made.archive, tmp_path / "b")
    assert count(tmp_path / "b") == 300
    assert (tmp_path / "b" / "secret.key").read_text() == (tmp_path / "a" / "secret.key").read_text()
    assert (tmp_path / "b" / "secret.key").stat().st_mode & 0o077 == 0


def test_a_backup_under_writes_is_one_state(tmp_path: Path) -> None:
    shop(tmp_path / "a", 10)
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(tmp_path / "a" / "zhanggui.db", isolation_level=None)) as database:
            database.execute("CREATE TABLE pairs (side TEXT, number INTEGER)")
            number = 0
            while not stop.is_set():
                number += 1
                database.execute("BEGIN IMMEDIATE")
                database.execute("INSERT INTO pairs VALUES ('left', ?)", (number,))
                database.execute("INSERT INTO pairs VALUES ('right', ?)", (number,))
                database.execute("COMMIT")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            back_up(tmp_path / "a", tmp_path / f"{number}.tar.gz", version="1")
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        restore(tmp_path / f"{number}.tar.gz", tmp_path / f"b{number}")
        with closing(sqlite3.connect(tmp_path / f"b{number}" / "zhanggui.db")) as database:
            has_table = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'pairs'").fetchone()[0]
            uneven = "SELECT count(*) FROM (SELECT number FROM pairs GROUP BY number HAVING count(*) <> 2)"
            assert not has_table or database.execute(uneven).fetchone()[0] == 0


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    shop(tmp_path / "a", 1)
    back_up(tmp_path / "a", tmp_path / "backup.tar.gz", version="1")
    with pytest.raises(Conflict):
        back_up(tmp_path / "a", tmp_path / "backup.tar.gz", version="1")
    with pytest.raises(Conflict):
        restore(tmp_path / "backup.tar.gz", tmp_path / "a")
    with pytest.raises(BadInput):
        back_up(tmp_path / "nowhere", tmp_path / "other.tar.gz", version="1")


def test_a_bad_archive_is_refused_and_leaves_the_folder_empty(tmp_path: Path) -> None:
    shop(tmp_path / "a", 50)
    whole = back_up(tmp_path / "a", tmp_path / "whole.tar.gz", version="1").archive.read_bytes()
    bad = {"cut": whole[: len(whole) // 2], "empty": b"", "words": b"this is no archive"}
    changed = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(whole), mode="r:gz") as old, tarfile.open(fileobj=changed, mode="w:gz") as new:
        for entry in old.getmembers():
            content = old.extractfile(entry)
            assert content is not None
            text = content.read()
            entry.size = len(text) + (entry.name == "zhanggui.db")
            new.addfile(entry, io.BytesIO(text + b"!" * (entry.name == "zhanggui.db")))
    bad["changed"] = changed.getvalue()
    escaping = io.BytesIO()
    with tarfile.open(fileobj=escaping, mode="w:gz") as new:
        manifest = json.dumps({"format": 1, "version": "1", "made_at": "2026-01-01", "files": {}}).encode()
        for name in ("manifest.json", "../../escaped"):
            entry = tarfile.TarInfo(name)
            entry.size = len(manifest)
            new.addfile(entry, io.BytesIO(manifest))
    bad["escaping"] = escaping.getvalue()
    for name, content in bad.items():
        (tmp_path / f"{name}.tar.gz").write_bytes(content)
        with pytest.raises(BadInput):
            restore(tmp_path / f"{name}.tar.gz", tmp_path / "b")
        assert not (tmp_path / "escaped").exists()
        assert not list((tmp_path / "b").iterdir())
    restore(tmp_path / "whole.tar.gz", tmp_path / "b")
    assert count(tmp_path / "b") == 50
