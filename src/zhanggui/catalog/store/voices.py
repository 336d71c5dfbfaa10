"""Saved writing styles."""

from zhanggui.catalog.models import Voice
from zhanggui.catalog.store.tables import voices
from zhanggui.kernel.storage import UnitOfWork


class VoiceStore:
    """The merchant's voices by name."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def save(self, voice: Voice) -> None:
        """Keep a voice under its name, over an older one."""
        content = {"style": voice.style, "examples": list(voice.examples), "forbidden": list(voice.forbidden)}
        row = {"name": voice.name, "voice": content, "saved_at": self._uow.clock.now()}
        self._uow.upsert(voices, [row], key=["name"])

    def get(self, name: str = "default") -> Voice:
        """The voice with this name; a plain one where none was saved."""
        row = self._uow.row(self._uow.select(voices).where(voices.c.name == name))
        return Voice(name=name) if row is None else _voice(name, row["voice"])

    def all(self) -> tuple[Voice, ...]:
        """Every saved voice by name."""
        found = self._uow.rows(self._uow.select(voices).order_by(voices.c.name))
        return tuple(_voice(row["name"], row["voice"]) for row in found)

    def delete(self, name: str) -> bool:
        """Forget a voice; False when there was none."""
        return self._uow.change(self._uow.delete(voices).where(voices.c.name == name)) == 1


def _voice(name: str, content: dict[str, list[str] | str]) -> Voice:
    return Voice(
        name=name,
        style=str(content["style"]),
        examples=tuple(content["examples"]),
        forbidden=tuple(content["forbidden"]),
    )
