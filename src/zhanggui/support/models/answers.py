"""Answers: what is said to a customer, from where, and how sure. Pure."""

from dataclasses import dataclass
from typing import Literal

from zhanggui.kernel.types import Locale
from zhanggui.support.models.knowledge import Passage

Decision = Literal["answer", "clarify", "handoff"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim quote and where it stands."""

    source: str
    quote: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One passage that may answer, its features in the order of `answer_matching.FEATURES`, how sure it is (0..1)."""

    passage: Passage
    sure: float
    features: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What to do with a question.

    Attributes:
        decision: `answer` says `text`; `clarify` asks which of the cited matters is meant; `handoff` calls a person.
        citations: for `answer`, every source of the text; else what lay nearest, for the customer or for the person.
        confidence: calibrated chance that the first citation answers the question.
        reason: why not answered, in one word for reports: `` (answered), `empty`, `noise`, `injection`, `unknown`,
            `unsure`, `placeholder`.
        generated: whether a chat model worded it (always proved against the citations), else it is the passage itself.
    """

    decision: Decision
    text: str
    citations: tuple[Citation, ...]
    confidence: float
    locale: Locale
    reason: str = ""
    generated: bool = False

    @property
    def answer(self) -> str:
        """The text, under the name that it has in the contract of files."""
        return self.text
