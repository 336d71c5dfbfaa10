"""What every router shares: who calls, one transaction per request, idempotency keys, pages."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar, cast

import orjson
from fastapi import Depends, Header, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from zhanggui.app import App
from zhanggui.kernel.access import Principal, Scope
from zhanggui.kernel.errors import NotSignedIn
from zhanggui.kernel.storage import UnitOfWork, remember, remembered
from zhanggui.kernel.types import plain_json, plain_value

Body = TypeVar("Body")
_bearer = HTTPBearer(auto_error=False, description="An API token made in the console or by `zhanggui staff token`.")


async def the_app(request: Request) -> App:
    """The installation that this server serves. Async, as `the_call`: nothing in it waits."""
    return cast(App, request.app.state.zhanggui)


def the_caller(
    request: Request,
    app: Annotated[App, Depends(the_app)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None,
) -> Principal:
    """Who comes with the bearer token.

    Raises:
        NotSignedIn: no token, an unknown one, or one that was revoked.
    """
    if credentials is None:
        raise NotSignedIn("send an API token: `Authorization: Bearer zg_…`")
    caller = app.access.by_token(credentials.credentials)
    request.state.merchant_id = caller.merchant_id  # for the log
    return caller


class Call:
    """One request: the installation, the caller, and the transaction to work in."""

    def __init__(self, app: App, caller: Principal, idempotency_key: str | None = None) -> None:
        self.app = app
        self.caller = caller
        self._key = idempotency_key

    @contextmanager
    def read(self, scope: Scope = "read") -> Generator[UnitOfWork]:
        """A read-only transaction, after the scope was checked."""
        self.caller.require(scope)
        with self.app.database.begin(self.caller.merchant_id, self.caller.actor, read_only=True) as uow:
            yield uow

    @contextmanager
    def write(self, scope: Scope) -> Generator[UnitOfWork]:
        """A transaction that commits at the end, after the scope was checked."""
        self.caller.require(scope)
        with self.app.database.begin(self.caller.merchant_id, self.caller.actor) as uow:
            yield uow

    def once(self, scope: Scope, request: object, act: Callable[[UnitOfWork], object]) -> Any:
        """Run `act` in a transaction; with an idempotency key, at most once: later calls get the first answer."""
        with self.write(scope) as uow:
            if self._key is None:
                return plain_json(act(uow))
            asked = orjson.dumps(request, default=plain_value, option=orjson.OPT_SORT_KEYS)
            known = remembered(uow, self._key, asked)
            if known is not None:
                return known
            answer = plain_json(act(uow))
            remember(uow, self._key, asked, answer)
            return answer


async def the_call(
    app: Annotated[App, Depends(the_app)],
    caller: Annotated[Principal, Depends(the_caller)],
    idempotency_key: Annotated[
        str | None,
        Header(min_length=1, max_length=255, description="The same key again gets the first answer."),
    ] = None,
) -> Call:
    """The request that is being answered."""
    return Call(app, caller, idempotency_key)


Caller = Annotated[Call, Depends(the_call)]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")]
