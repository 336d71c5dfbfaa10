"""Files that come in over HTTP: kept in a folder of their own while they are read, never more of them than allowed."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import UploadFile

from zhanggui.api.common import Call
from zhanggui.connectors.tabular import Limits
from zhanggui.kernel.errors import BadInput

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Received:
    """An upload on disk: where it lies, its name at the sender's, the shop's currency, what it may cost to read."""

    path: Path
    name: str
    currency: str
    limits: Limits


@contextmanager
def received(call: Call, upload: UploadFile) -> Generator[Received]:
    """The upload as a file; it is gone afterwards.

    Raises:
        BadInput: it is larger than the setting allows; no more than that was ever on disk.
    """
    limit = call.app.settings.max_upload_mb << 20
    currency = call.app.merchants.get(call.caller.merchant_id).currency
    with tempfile.TemporaryDirectory(prefix="zhanggui-upload-") as folder:
        path, size = Path(folder) / "upload", 0
        with path.open("wb") as kept:
            while chunk := upload.file.read(_CHUNK):
                size += len(chunk)
                if size > limit:
                    raise BadInput(field="file", expected=f"at most {limit >> 20} MiB", found=f"more than {size} bytes")
                kept.write(chunk)
        yield Received(path, Path(upload.filename or "upload").name, currency, Limits(unpacked_bytes=limit))
