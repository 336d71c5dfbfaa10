"""What a serving process writes about itself: lines for people or JSON lines, never a secret and nobody's data.

Requests are told by route pattern (see `api.request_log`), not by address, which holds ids and what was searched for.
E-mail addresses, long numbers and tokens are blotted out of every message, and an exception is told by its type and the
places that it came through: its text may quote what somebody wrote.
"""

import asyncio
import logging
import logging.config
import re
import traceback
from datetime import UTC, datetime
from typing import Literal

import orjson

LogFormat = Literal["text", "json"]
_BLOTS = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[email]"),
    (re.compile(r"\b(?:zg|zv|whsec)_[\w+/=-]+"), "[token]"),
    (re.compile(r"(?i)\b(bearer|basic|visitor) [\w.+/=-]{8,}"), r"\1 [token]"),
    (re.compile(r"(?<![\w.])\+?\d(?:[ -]?\d){10,18}(?![\w.])"), "[number]"),
)


def blotted(text: str) -> str:
    """The text without e-mail addresses, tokens, and numbers as long as a telephone's or a card's."""
    for pattern, instead in _BLOTS:
        text = pattern.sub(instead, text)
    return text


class _Line(logging.Formatter):
    """What both forms share: the parts of a record that may be told."""

    @staticmethod
    def parts(record: logging.LogRecord) -> dict[str, object]:
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": blotted(record.getMessage()).strip(),
        }
        told.update(getattr(record, "request_fields", {}))
        broken = record.exc_info[1] if record.exc_info else None
        if isinstance(broken, asyncio.CancelledError):
            told["message"] = "a request was cut off: it took longer than the grace at the end"
        elif broken is not None:
            told["error"] = type(broken).__name__
            places = [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(broken.__traceback__)]
            told["at"] = " < ".join(reversed(places))
        return told


class JsonLine(_Line):
    """One JSON object a line: time, level, logger, message; of requests also id, merchant, route, status, duration."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return orjson.dumps(self.parts(record), default=str).decode()


class TextLine(_Line):
    """Level and message, with an exception's type and places behind."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told = self.parts(record)
        where = f" [{told['error']} at {told['at']}]" if "error" in told else ""
        message = " | ".join(str(told["message"]).splitlines())  # nothing that was sent can begin a line of its own
        return f"{record.levelname + ':':<9} {message}{where}"


def set_up_logs(form: LogFormat, level: str) -> None:
    """Send everything to standard error in one form; libraries speak from warnings on, we and the server from level."""
    ours: dict[str, object] = {"level": level.upper()}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": JsonLine if form == "json" else TextLine}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"level": "WARNING", "handlers": ["stderr"]},
            "loggers": {"zhanggui": ours, "uvicorn": ours, "uvicorn.error": ours},
        }
    )
