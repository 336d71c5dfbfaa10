"""Knowledge: what answers may be taken from; questions that nothing answered."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Path, Query, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from zhanggui.api.common import Caller, Limit
from zhanggui.api.uploads import received
from zhanggui.app import read_folder
from zhanggui.kernel.types import Locale, plain_json
from zhanggui.support import (
    Article,
    article_versions,
    find_articles,
    find_overlaps,
    gap_draft,
    import_knowledge,
    open_gaps,
    save_article,
    withdraw_article,
)

router = APIRouter(tags=["knowledge"])
ArticleId = Annotated[str, Path(min_length=1, max_length=400, description="Id of the article.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ArticleBody(_Body):
    """What an article says; an FAQ pair has its question as the title."""

    id: str = Field(min_length=1, max_length=400)
    title: str = Field(min_length=1, max_length=500)
    body: str = Field(min_length=1, max_length=100_000)
    locale: Locale = "zh-CN"
    faq: bool = True


class Question(_Body):
    """What a customer asks."""

    question: str = Field(min_length=1, max_length=100_000)
    locale: Locale | None = None


class GapAnswer(_Body):
    """What the shop answers."""

    answer: str = Field(min_length=1, max_length=20_000)
    title: str = Field("", max_length=500)


@router.get("/knowledge")
def list_articles(
    call: Caller,
    text: Annotated[str, Query(max_length=200, description="Words in title or body.")] = "",
    limit: Limit = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="How many to pass over.")] = 0,
) -> dict[str, Any]:
    """Live articles, the newest first."""
    with call.read() as uow:
        return {"items": plain_json(find_articles(uow, text, limit=limit, offset=offset))}


@router.post("/knowledge")
def put_article(call: Caller, body: ArticleBody) -> dict[str, Any]:
    """Save an article as the live version; the same text again makes no new one."""
    kind = "faq" if body.faq else "article"
    article = Article(body.id, kind, body.title, body.body, body.locale, source="api")
    return call.once("decide", body.model_dump(), lambda uow: save_article(uow, article))


@router.post("/knowledge/import")
def import_knowledge_file(
    call: Caller,
    file: Annotated[UploadFile, File(description="Markdown, HTML, PDF, DOCX, CSV, JSON Lines, or a folder as zip.")],
) -> dict[str, Any]:
    """Take in a file of articles and FAQ pairs; what did not change gets no new version."""
    call.caller.require("decide")
    with received(call, file) as got:
        passages, problems = read_folder(got.path, name=got.name, limits=got.limits)
    with call.write("decide") as uow:
        done = import_knowledge(uow, passages)
    return {**plain_json(done), "problems": problems}


@router.post("/knowledge/ask")
def ask(call: Caller, body: Question) -> dict[str, Any]:
    """Answer from the shop's own knowledge with its source, ask back, or hand over."""
    call.caller.require("propose")
    return plain_json(call.app.knowledge.answer(call.caller.merchant_id, body.question, locale=body.locale))


@router.get("/knowledge/overlaps")
def list_overlaps(call: Caller) -> dict[str, Any]:
    """Articles that say the same twice or contradict one another."""
    with call.read() as uow:
        return {"items": plain_json(find_overlaps(uow))}


@router.get("/knowledge/gaps")
def list_gaps(call: Caller, limit: Limit = 50) -> dict[str, Any]:
    """Questions that nothing answered, the most often asked first."""
    with call.read() as uow:
        return {"items": plain_json(open_gaps(uow, limit=limit))}


@router.post("/knowledge/gaps/{gap_id}/answer")
def answer_gap(
    call: Caller, gap_id: Annotated[str, Path(max_length=64, description="Id of the gap.")], body: GapAnswer
) -> dict[str, Any]:
    """Propose an article that answers a gap; it is checked, and waits in the inbox."""
    return call.once(
        "propose",
        {"gap": gap_id, **body.model_dump()},
        lambda uow: {"proposal": call.app.desk.propose(uow, gap_draft(uow, gap_id, body.answer, title=body.title))},
    )


@router.get("/knowledge/versions/{article_id}")
def list_versions(call: Caller, article_id: ArticleId) -> dict[str, Any]:
    """Every version of an article, the newest first."""
    with call.read() as uow:
        return {"items": plain_json(article_versions(uow, article_id))}


@router.post("/knowledge/withdraw/{article_id}")
def withdraw(call: Caller, article_id: ArticleId) -> dict[str, Any]:
    """Answer from an article no more; its versions stay."""

    def act(uow: Any) -> object:
        withdraw_article(uow, article_id)
        return {"withdrawn": article_id}

    return call.once("decide", {"withdraw": article_id}, act)
