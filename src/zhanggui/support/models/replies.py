"""Past exchanges that teach which reply fits, and rankings of replies. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exchange:
    """Turns of a conversation, oldest first, the reply that was given, and replies known to be wrong there."""

    context: tuple[str, ...]
    reply: str
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One reply in its place: the turns before it, and the number of the dialogue that it comes from."""

    context: tuple[str, ...]
    reply: str
    dialogue: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A conversation and the replies to choose from."""

    context: tuple[str, ...]
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Places of the candidates, best first, and each candidate's score in the order given (higher is better)."""

    order: tuple[int, ...]
    scores: tuple[float, ...]
