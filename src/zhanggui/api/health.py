"""Is it alive, can it work."""

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends
from sqlalchemy.exc import SQLAlchemyError

from zhanggui import __version__
from zhanggui.api.common import the_app
from zhanggui.app import App
from zhanggui.kernel.errors import RetryLater

router = APIRouter(tags=["health"])


@router.get("/healthz")
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok", "version": __version__}


@router.get("/readyz")
def ready(app: Annotated[App, Depends(the_app)]) -> dict[str, Any]:
    """The database answers; whether a chat model is ready is told, and is no condition.

    Raises:
        RetryLater: the database does not answer.
    """
    try:
        with app.database.installation(read_only=True) as connection:
            connection.execute(sa.text("SELECT 1"))
    except SQLAlchemyError as silent:
        raise RetryLater("the database does not answer") from silent
    return {"status": "ok", "model": app.models.available("catalog.copy")}
