"""What a capability gives the desk for each kind of proposal, and the registry that app fills."""

from collections.abc import Iterator
from typing import Protocol

from zhanggui.desk.models import Check, Undo
from zhanggui.kernel.errors import NotFound, ProgrammerError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject


class ProposalKind(Protocol):
    """One kind of proposal. All methods run inside the caller's transaction and must not commit."""

    @property
    def name(self) -> str:
        """Stable name, e.g. `listing-copy`."""
        ...

    def check(self, uow: UnitOfWork, payload: JsonObject) -> tuple[Check, ...]:
        """Every check of the payload against the shop as it is now. Run at propose, at approve and at apply.

        Raises:
            BadInput: the payload (perhaps edited by a person) is not of the kind's shape.
        """
        ...

    def apply(self, uow: UnitOfWork, payload: JsonObject, key: str) -> Undo:
        """Change the shop. `key` is unique to this proposal: use it as idempotency key of anything outside."""
        ...

    def undo(self, uow: UnitOfWork, payload: JsonObject, undo: Undo) -> None:
        """Take the change back with what `apply` returned.

        Raises:
            Conflict: the shop moved on, so that taking it back would destroy later work.
        """
        ...

    def measure(self, uow: UnitOfWork, payload: JsonObject) -> JsonObject | None:
        """The outcome so far, or None when there is nothing to measure yet."""
        ...


class Kinds:
    """The kinds that this installation knows."""

    def __init__(self) -> None:
        self._kinds: dict[str, ProposalKind] = {}

    def register(self, kind: ProposalKind) -> None:
        """Add a kind.

        Raises:
            ProgrammerError: the name is taken.
        """
        if kind.name in self._kinds:
            raise ProgrammerError(f"proposal kind {kind.name!r} is registered twice")
        self._kinds[kind.name] = kind

    def get(self, name: str) -> ProposalKind:
        """The kind of this name.

        Raises:
            NotFound: no capability registered it.
        """
        if name not in self._kinds:
            raise NotFound(f"no proposal kind {name!r}; known: {', '.join(sorted(self._kinds)) or 'none'}")
        return self._kinds[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._kinds))
