"""Saved column mappings: how the columns of somebody's files are read, kept by name."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from zhanggui.api.common import Call, Caller
from zhanggui.connectors.saved_columns import (
    FileOf,
    SavedColumns,
    drop_columns,
    named_columns,
    save_columns,
    saved_columns,
)
from zhanggui.kernel.types import plain_json

router = APIRouter(tags=["catalog"])
What = Annotated[FileOf, Path(description="What the files hold.")]
Name = Annotated[str, Path(min_length=1, max_length=100, description="Name of the mapping.")]
SavedName = Annotated[str, Query(max_length=100, description="Name of a saved column mapping to read the file by.")]


class Columns(BaseModel):
    """Which column fills which field."""

    model_config = ConfigDict(extra="forbid")
    columns: dict[str, str] = Field(max_length=1_000, description="Column -> field; see the guides on files.")
    currency: str = Field(pattern="^[A-Z]{3}$", description="Of amounts that name none.")


@router.get("/column-mappings/{what}")
def list_mappings(call: Caller, what: What) -> dict[str, Any]:
    """Every saved mapping for such files."""
    with call.read() as uow:
        return {"items": plain_json(saved_columns(uow, what))}


@router.put("/column-mappings/{what}/{name}")
def put_mapping(call: Caller, what: What, name: Name, body: Columns) -> dict[str, Any]:
    """Keep a mapping, over an older one of the same name."""
    with call.write("propose") as uow:
        save_columns(uow, what, SavedColumns(name, body.columns, body.currency))
        return plain_json(named_columns(uow, what, name.strip()))


@router.delete("/column-mappings/{what}/{name}", status_code=204)
def delete_mapping(call: Caller, what: What, name: Name) -> None:
    """Forget a mapping."""
    with call.write("propose") as uow:
        drop_columns(uow, what, name)


def columns_named(call: Call, what: FileOf, name: str) -> SavedColumns | None:
    """The saved mapping with this name; None for no name.

    Raises:
        NotFound: there is none.
    """
    if not name:
        return None
    with call.read() as uow:
        return named_columns(uow, what, name)
