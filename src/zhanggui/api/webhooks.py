"""Webhooks in: the signature is the credential, so these routes take no token."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from fastapi.concurrency import run_in_threadpool

from zhanggui.api.common import the_app
from zhanggui.app import App
from zhanggui.kernel.errors import BadInput
from zhanggui.orders import MOST_BYTES, Incoming

router = APIRouter(tags=["webhooks"])
_Id = Annotated[str, Path(min_length=1, max_length=64)]


@router.post("/webhooks/{source}/{merchant_id}/{shop_id}")
async def receive_webhook(
    request: Request,
    app: Annotated[App, Depends(the_app)],
    source: Annotated[Literal["shopify", "woocommerce", "standard"], Path(description="Who sends.")],
    merchant_id: _Id,
    shop_id: _Id,
) -> dict[str, Any]:
    """Verify and record a delivery, and answer; the work on it comes later. A delivery that came before is no error."""
    body = await limited_body(request, MOST_BYTES)
    headers = {name.lower(): value for name, value in request.headers.items()}
    incoming = Incoming(source, merchant_id, shop_id, headers, body)
    receipt = await run_in_threadpool(app.receiver.receive, incoming)
    return {"received": True, "new": receipt.new}


async def limited_body(request: Request, most: int) -> bytes:
    """The raw body, never more of it in memory than `most` bytes.

    Raises:
        BadInput: it is longer.
    """
    declared = request.headers.get("content-length", "")
    body = bytearray()
    if not declared.isdigit() or int(declared) <= most:
        async for piece in request.stream():
            body += piece
            if len(body) > most:
                break
        else:
            return bytes(body)
    raise BadInput(field="body", expected=f"at most {most >> 20} MiB", found=declared or f"over {len(body)} bytes")
