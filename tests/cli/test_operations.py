"""`doctor`, `backup` and `restore` as commands, on real folders."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path


def zhanggui(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command on the installation in `folder`."""
    environment = {**os.environ, "ZHANGGUI_DATA_DIR": str(folder), "ZHANGGUI_MODEL": "none", "COLUMNS": "200"}
    command = [sys.executable, "-m", "zhanggui", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


def test_a_sound_installation_is_well_and_a_spoilt_one_is_ill(tmp_path: Path) -> None:
    assert zhanggui(tmp_path / "a", "desk", "autonomy", "listing-copy", "off").returncode == 0
    well = zhanggui(tmp_path / "a", "doctor")
    assert well.returncode == 0, well.stdout + well.stderr
    assert "audit of main" in well.stdout and "none: every capability works without one" in well.stdout
    (tmp_path / "a" / "secret.key").chmod(0o644)
    with closing(sqlite3.connect(tmp_path / "a" / "zhanggui.db")) as database:
        database.execute("UPDATE audit_rows SET action = 'something else' WHERE seq = 1")
        database.commit()
    ill = zhanggui(tmp_path / "a", "doctor")
    assert ill.returncode == 1
    assert "chmod 600" in ill.stdout and "compare with a backup" in ill.stdout


def test_backup_and_restore(tmp_path: Path) -> None:
    zhanggui(tmp_path / "a", "doctor")
    archive = tmp_path / "kept.tar.gz"
    made = zhanggui(tmp_path / "a", "backup", str(archive))
    assert made.returncode == 0, made.stderr
    again = zhanggui(tmp_path / "a", "backup", str(archive))
    assert again.returncode == 1 and "never overwrites" in again.stderr
    back = zhanggui(tmp_path / "b", "restore", str(archive))
    assert back.returncode == 0, back.stderr
    assert "main: audit trail whole" in back.stdout
