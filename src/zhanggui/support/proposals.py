"""What support may propose: a public reply to a review, and an article that closes a gap in the knowledge."""

from zhanggui.desk import Check, Desk, Draft, Evidence, Proposal, Undo
from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.support.models.complaints import Feedback
from zhanggui.support.rules.complaints import find_complaint
from zhanggui.support.rules.review_replies import draft_reply, reply_problems
from zhanggui.support.service.knowledge import KIND as KNOWLEDGE_ARTICLE
from zhanggui.support.service.knowledge import article_checks, article_of, save_article
from zhanggui.support.store.complaints import ReviewReplyStore
from zhanggui.support.store.knowledge import GapStore, KnowledgeStore

REVIEW_REPLY = "review-reply"
_RULES = ("length", "language", "contact", "promise", "bribe", "blame")


class ReviewReplyKind:
    """Checks are the house's rules for public words; applying makes the reply the review's live one."""

    name = REVIEW_REPLY

    def check(self, uow: UnitOfWork, payload: JsonObject) -> tuple[Check, ...]:
        """Every rule with what broke it, and that the review has no reply yet."""
        review, reply = _text(payload, "review"), _text(payload, "reply")
        broken = {problem.name: problem for problem in reply_problems(review, reply)}
        checks = [
            Check(name, False, broken[name].en, True, broken[name].zh) if name in broken else Check(name, True, "kept")
            for name in _RULES
        ]
        free = ReviewReplyStore(uow).live(_text(payload, "review_id")) is None
        told = "the review has no reply yet" if free else "the review has a reply already"
        checks.append(Check("first-reply", free, told, True, "该评价尚无回复" if free else "该评价已有回复"))
        return tuple(checks)

    def apply(self, uow: UnitOfWork, payload: JsonObject, key: str) -> Undo:
        """Make it live.

        Raises:
            Conflict: the review has a reply.
        """
        review_id = _text(payload, "review_id")
        if not ReviewReplyStore(uow).publish(review_id, key, _text(payload, "reply"), uow.clock.now(), str(uow.actor)):
            raise Conflict("the review has a reply already")
        return Undo(True, {"review_id": review_id, "key": key})

    def undo(self, uow: UnitOfWork, payload: JsonObject, undo: Undo) -> None:
        """Take it down.

        Raises:
            Conflict: it is not the live one.
        """
        if not ReviewReplyStore(uow).withdraw(str(undo.payload["review_id"]), str(undo.payload["key"])):
            raise Conflict("this reply is not live")

    def measure(self, uow: UnitOfWork, payload: JsonObject) -> JsonObject | None:
        """Whether it is live."""
        return {"live": ReviewReplyStore(uow).live(_text(payload, "review_id")) == _text(payload, "reply")}


def propose_review_reply(uow: UnitOfWork, desk: Desk, feedback: Feedback, positive: float) -> Proposal | None:
    """Draft a reply to a review and propose it; while it is open the same review makes no second one.

    None where the merchant has switched this kind off.
    """
    found = find_complaint(feedback.text, positive)
    reply, locale = draft_reply(feedback.text, positive, found)
    payload: JsonObject = {
        "review_id": feedback.id, "product_id": feedback.product_id, "locale": locale,
        "review": feedback.text[:2_000], "reply": reply,
    }  # fmt: skip
    quotes = tuple(Evidence("review", feedback.id, one.text) for one in (found.words[:3] if found else ()))
    evidence = quotes or (Evidence("review", feedback.id, feedback.text[:200]),)
    confidence = round(max(positive, 1 - positive), 4)
    draft = Draft(
        kind=REVIEW_REPLY,
        subject=f"review:{feedback.id}",
        title=reply[:80],
        payload=payload,
        evidence=evidence,
        checks=ReviewReplyKind().check(uow, payload),
        confidence=confidence,
        fingerprint=f"{REVIEW_REPLY}:{feedback.id}",
    )
    return desk.propose(uow, draft)


def _text(payload: JsonObject, name: str) -> str:
    value = payload.get(name)
    if not isinstance(value, str):
        raise BadInput(field=name, expected="text", found=repr(value)[:80])
    return value


class KnowledgeArticleKind:
    """An article that closes a gap: applying saves it as the live version and closes the gap; undo withdraws it."""

    name = KNOWLEDGE_ARTICLE

    def check(self, uow: UnitOfWork, payload: JsonObject) -> tuple[Check, ...]:
        """That it says something, holds no blanks and no instructions, and contradicts nothing.

        Raises:
            BadInput: the payload has no id, title or body.
        """
        for name in ("id", "title", "body"):
            _text(payload, name)
        return article_checks(uow, payload)

    def apply(self, uow: UnitOfWork, payload: JsonObject, key: str) -> Undo:
        """Answer from it from now on."""
        article = article_of(payload)
        before = KnowledgeStore(uow).live(article.id)
        saved = save_article(uow, article)
        GapStore(uow).close(_gaps(payload))
        return Undo(True, {"version": saved.version, "before": 0 if before is None else before.version})

    def undo(self, uow: UnitOfWork, payload: JsonObject, undo: Undo) -> None:
        """Answer from the version before, or from none; the gap is open again.

        Raises:
            Conflict: the article was changed since.
        """
        article_id, store = article_of(payload).id, KnowledgeStore(uow)
        live = store.live(article_id)
        if live is None or live.version != undo.payload["version"]:
            raise Conflict("the article was changed since")
        before = undo.payload.get("before")
        if isinstance(before, int) and before:
            store.revive(article_id, before)
        else:
            store.withdraw(article_id)
        GapStore(uow).close(_gaps(payload), closed=False)

    def measure(self, uow: UnitOfWork, payload: JsonObject) -> JsonObject | None:
        """Whether it is live."""
        live = KnowledgeStore(uow).live(article_of(payload).id)
        return {"live": live is not None and live.body == payload.get("body")}


def _gaps(payload: JsonObject) -> list[str]:
    found = payload.get("gaps")
    return [str(one) for one in found] if isinstance(found, list) else []
