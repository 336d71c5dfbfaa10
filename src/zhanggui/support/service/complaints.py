"""Every message, review and ticket is heard: its mood kept, a complaint made of it where it complains, then settled."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.privacy import redact
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.textmodels import SENTIMENTS, WeightedSpan, language
from zhanggui.kernel.types import JsonObject, new_id
from zhanggui.support.models.complaints import SOURCES, URGENCIES, Complaint, Feedback, Mood, Words
from zhanggui.support.rules.complaints import (
    MOST_CHARACTERS,
    apology,
    deadline_of,
    find_complaint,
    owner_of,
    remedies_of,
)
from zhanggui.support.store.complaints import ComplaintStore, MoodStore

_EVIDENCE = 6
_OPEN = ("open", "taken")


class Judge(Protocol):
    """A model of praise and complaint, such as the shipped one."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Of negative, neutral and positive."""
        ...

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Probabilities, [texts, labels]."""
        ...

    def explain(self, text: str, label: str) -> tuple[WeightedSpan, ...]:
        """Words for and against a label."""
        ...


class ComplaintDesk:
    """Hears texts and settles complaints. One for the installation; safe from several threads."""

    def __init__(self, judge: Callable[[], Judge]) -> None:
        """`judge` is asked for the model when the first text comes: whoever hears none does not load it."""
        self._judge = judge

    def hear(self, uow: UnitOfWork, feedback: Feedback) -> Complaint | None:
        """The complaint that a text makes; see `hear_mood`."""
        return self.hear_mood(uow, feedback)[1]

    def hear_mood(self, uow: UnitOfWork, feedback: Feedback, *, thread: str = "") -> tuple[Mood, Complaint | None]:
        """Keep the mood of a text, and the complaint that it makes; the same text again changes nothing.

        Texts whose ids begin with `thread` belong together: while one of them stands as a complaint of the same kind,
        another adds none unless it is more urgent.

        Raises:
            BadInput: no text, no id, or a source that nobody knows.
        """
        _checked(feedback)
        feedback = replace(feedback, text=feedback.text[:MOST_CHARACTERS])
        locale = language(feedback.text)
        mood = self._mood(feedback)
        found = find_complaint(feedback.text, mood.positive)
        mood = replace(mood, topic=found.kind if found else "", text=redact(feedback.text, locale)[0])
        MoodStore(uow).keep(mood)
        if found is None:
            return mood, None
        store = ComplaintStore(uow)
        standing = store.standing(feedback.source, thread, found.kind) if thread else None
        if standing is not None and URGENCIES.index(found.urgency) >= URGENCIES.index(standing.urgency):
            return mood, standing
        deadline = deadline_of(found.urgency, feedback.at)
        complaint = Complaint(
            id=new_id("cmp"), source=feedback.source, source_id=feedback.id, locale=locale, text=feedback.text,
            customer_id=feedback.customer_id, order_id=feedback.order_id, product_id=feedback.product_id,
            carrier=feedback.carrier, kind=found.kind, urgency=found.urgency, escalate=found.escalate,
            words=found.words, owner=owner_of(found), remedies=remedies_of(found, feedback),
            apology=apology(found, feedback, deadline), at=feedback.at, deadline=deadline,
        )  # fmt: skip
        if not store.add(complaint):
            return mood, store.of_source(feedback.source, feedback.id)
        detail: JsonObject = {"kind": found.kind, "urgency": found.urgency, "escalate": list(found.escalate)}
        AuditLog(uow).record("complaint.found", complaint.id, detail)
        return mood, complaint

    def take(self, uow: UnitOfWork, complaint_id: str) -> Complaint:
        """Say who settles it: whoever asks.

        Raises:
            NotFound: there is no such complaint.
            Conflict: somebody else has it, or it is settled.
        """
        return self._move(uow, complaint_id, ("open",), state="taken", taken_by=str(uow.actor)[:80])

    def settle(self, uow: UnitOfWork, complaint_id: str, note: str, *, dismissed: bool = False) -> Complaint:
        """Close it with what was done (or, dismissed, why it was none).

        Raises:
            BadInput: no note.
            NotFound, Conflict: as for `take`.
        """
        if not note.strip():
            raise BadInput(field="note", expected="what was done, or why it is no complaint", found="nothing")
        state = "dismissed" if dismissed else "resolved"
        now = uow.clock.now()
        return self._move(uow, complaint_id, _OPEN, state=state, note=note[:4_000], settled_at=now)

    def reopen(self, uow: UnitOfWork, complaint_id: str, why: str) -> Complaint:
        """Take a settled complaint up again: the customer came back, say."""
        closed = ("resolved", "dismissed")
        return self._move(uow, complaint_id, closed, state="open", taken_by="", note=why[:4_000], settled_at=None)

    def _move(self, uow: UnitOfWork, complaint_id: str, states: Sequence[str], **values: object) -> Complaint:
        store = ComplaintStore(uow)
        before = store.get(complaint_id)
        if not store.change(complaint_id, states, **values):
            raise Conflict(f"the complaint is {before.state}" + (f" by {before.taken_by}" if before.taken_by else ""))
        state = str(values["state"])
        AuditLog(uow).record(f"complaint.{state}", complaint_id, {"note": str(values.get("note", ""))})
        return store.get(complaint_id)

    def _mood(self, feedback: Feedback) -> Mood:
        judge = self._judge()
        given = judge.predict([feedback.text])[0]
        label = judge.labels[int(given.argmax())]
        positive = float(sum(share * SENTIMENTS[name] for share, name in zip(given, judge.labels, strict=True)))
        if feedback.rating is not None:  # the stars are the customer's own word
            positive = (positive + (feedback.rating - 1) / 4) / 2
            label = "negative" if positive < 0.4 else "positive" if positive > 0.6 else "neutral"
        spans = [span for span in judge.explain(feedback.text, label) if span.weight > 0]
        words = tuple(Words(span.text, span.start, span.end, round(span.weight, 4)) for span in spans[:_EVIDENCE])
        return Mood(
            feedback.source, feedback.id, feedback.at, round(positive, 4), label, feedback.text,
            feedback.product_id, feedback.carrier, "", words,
        )  # fmt: skip


def _checked(feedback: Feedback) -> None:
    if not feedback.text.strip():
        raise BadInput(field="text", expected="a text that is not empty", found=repr(feedback.text[:20]))
    if not 0 < len(feedback.id) <= 200:
        raise BadInput(field="id", expected="1 to 200 characters", found=f"{len(feedback.id)}")
    if feedback.source not in SOURCES:
        raise BadInput(field="source", expected=f"one of {', '.join(SOURCES)}", found=str(feedback.source))
    if feedback.rating is not None and not 1 <= feedback.rating <= 5:
        raise BadInput(field="rating", expected="1 to 5", found=str(feedback.rating))
