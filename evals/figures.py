"""Figures are records: one JSON file each under figures/, filled into the docs by `python -m evals.publish`."""

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "figures"
SHARED_DATA = Path(os.environ.get("ZHANGGUI_SHARED_DATA", ROOT.parent / "shared" / "data"))


def dataset_hash(files: Sequence[Path]) -> str:
    """SHA-256 over the names and the bytes of the data files, in order."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def machine() -> str:
    """The kind of machine, without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, Python {platform.python_version()}"


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "none"


def record(  # noqa: PLR0913 - one keyword for each column of the record
    figure: str,
    value: float,
    *,
    command: str,
    dataset: str,
    files: Sequence[Path] = (),
    interval: tuple[float, float] | None = None,
    unit: str = "",
    seed: int = 0,
    note: str = "",
) -> None:
    """Write figures/<figure>.json. `interval` is a 95 % interval; `note` says what a reader must know."""
    content = {
        "figure": figure,
        "value": round(value, 6),
        "interval": None if interval is None else [round(bound, 6) for bound in interval],
        "unit": unit,
        "command": command,
        "dataset": dataset,
        "dataset_sha256": dataset_hash(files) if files else "",
        "seed": seed,
        "commit": _commit(),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "note": note,
    }
    FIGURES.mkdir(exist_ok=True)
    path = FIGURES / f"{figure}.json"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    shown = "" if interval is None else f" [{interval[0]:.4g}, {interval[1]:.4g}]"
    print(f"figure {figure} = {value:.6g}{shown} {unit}")


def load(figure: str) -> dict[str, object]:
    """The record of one figure."""
    return json.loads((FIGURES / f"{figure}.json").read_text(encoding="utf-8"))


def wilson(successes: int, total: int, z: float = 1.959964) -> tuple[float, float]:
    """95 % Wilson score interval of a share (Wilson 1927)."""
    if total == 0:
        return 0.0, 1.0
    share = successes / total
    centre = share + z * z / (2 * total)
    spread = z * ((share * (1 - share) + z * z / (4 * total)) / total) ** 0.5
    scale = 1 + z * z / total
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
