"""Who sits at the console: sign-in kept in a signed cookie, rights looked up anew on every page and every action."""

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from starlette.requests import Request

from zhanggui.app import App
from zhanggui.kernel.access import Principal, Scope
from zhanggui.kernel.errors import NotSignedIn
from zhanggui.kernel.storage import MerchantStore, UnitOfWork
from zhanggui.kernel.types import Locale
from zhanggui.web import i18n

_SIGNED_OUT = "console.signed-out"


@dataclass(frozen=True, slots=True)
class Session:
    """What the cookie says: who, which sign-in, until when. Only the server can write it."""

    login: str
    number: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """One signed-in person looking at one page."""

    app: App
    caller: Principal
    session: Session
    locale: Locale
    dark: bool = False
    shop: str = ""

    def t(self, key: str, **values: object) -> str:
        """A message in the person's language."""
        return i18n.text(self.locale, key, **values)

    def name_of(self, area: str, word: str) -> str:
        """The name for people of a word of ours (a state, a kind, an action), or the word itself."""
        return i18n.text_or_key(self.locale, f"{area}.{word}", word)

    def title_of(self, kind: str, title: str) -> str:
        """A proposal's title for people: where it ends with the kind's word, with the kind's name."""
        return i18n.proposal_title(self.locale, kind, title)

    def may(self, scope: Scope) -> bool:
        """Whether the person has the right; doors hide what is not allowed and check again when it is done."""
        return scope in self.caller.scopes

    @contextmanager
    def read(self) -> Generator[UnitOfWork]:
        """A read-only transaction, after the session and the roles were looked up anew.

        Raises:
            NotSignedIn: the session ended meanwhile.
        """
        with self._begin("read", read_only=True) as uow:
            yield uow

    @contextmanager
    def write(self, scope: Scope) -> Generator[UnitOfWork]:
        """A transaction, after the session and the roles were looked up anew: who was shut out changes nothing.

        Raises:
            NotSignedIn: the session ended meanwhile.
            Forbidden: the role has no such right (any more).
        """
        with self._begin(scope, read_only=False) as uow:
            yield uow

    @contextmanager
    def _begin(self, scope: Scope, *, read_only: bool) -> Generator[UnitOfWork]:
        fresh = _resume(self.app, self.session)
        fresh.require(scope)
        with self.app.database.begin(fresh.merchant_id, fresh.actor, read_only=read_only) as uow:
            _require_open(uow, self.session)
            yield uow


def _resume(app: App, session: Session) -> Principal:
    if app.database.clock.now() >= session.until:
        raise NotSignedIn("the session is over")
    return app.access.resume(session.login)


def _require_open(uow: UnitOfWork, session: Session) -> None:
    if session.number in _signed_out(uow):
        raise NotSignedIn("the session is over")


def _signed_out(uow: UnitOfWork) -> dict[str, str]:
    return cast(dict[str, str], MerchantStore.setting(uow, _SIGNED_OUT, {}))


def sign_in(app: App, login: str, password: str) -> Session:
    """Check the password; a fresh session, never one that the browser brought along.

    Raises:
        NotSignedIn: wrong, or too many attempts.
    """
    principal = app.access.sign_in(login, password)
    until = app.database.clock.now() + timedelta(hours=app.settings.session_hours)
    return Session(principal.actor.name, secrets.token_urlsafe(16), until)


def sign_out(app: App, session: Session) -> None:
    """End a session everywhere: its cookie is worth nothing from now on, wherever a copy of it lies."""
    principal = _resume(app, session)
    now = app.database.clock.now().isoformat()
    with app.database.begin(principal.merchant_id, principal.actor) as uow:
        still = {number: until for number, until in _signed_out(uow).items() if until > now}
        MerchantStore.set_setting(uow, _SIGNED_OUT, still | {session.number: session.until.isoformat()})


def current(app: App, session: Session, cookie: dict[str, Any]) -> Visit:
    """The visit of whoever the cookie names. Reads the database: call it in a thread.

    Raises:
        NotSignedIn: the session ended, or the person was shut out.
    """
    principal = _resume(app, session)
    with app.database.begin(principal.merchant_id, principal.actor, read_only=True) as uow:
        _require_open(uow, session)
    shop = app.merchants.get(principal.merchant_id).name
    return Visit(app, principal, session, language(app, cookie), bool(cookie.get("dark")), shop)


def cookie_of(request: Request) -> dict[str, Any]:
    """The signed cookie's content; what is written to it is sent with the answer."""
    return request.session


def session_of(cookie: dict[str, Any]) -> Session | None:
    """The session that a cookie holds."""
    try:
        return Session(str(cookie["login"]), str(cookie["number"]), datetime.fromisoformat(cookie["until"]))
    except (KeyError, TypeError, ValueError):
        return None


def keep(cookie: dict[str, Any], session: Session | None) -> None:
    """Write a session into the cookie, or take it out; language and colours are kept."""
    for name in ("login", "number", "until"):
        cookie.pop(name, None)
    if session is not None:
        cookie |= {"login": session.login, "number": session.number, "until": session.until.isoformat()}


def language(app: App, cookie: dict[str, Any]) -> Locale:
    """The language that the person chose in this browser, or the installation's."""
    chosen = cookie.get("locale")
    return chosen if chosen in ("zh-CN", "en") else app.settings.locale
