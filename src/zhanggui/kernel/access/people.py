"""Staff sign in with a password (argon2id) and act by role; programs come with a token and act by its scopes.

A login name is unique in the installation and belongs to one merchant, so that signing in also says whose shop it is.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.exc import IntegrityError

from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import BadInput, Conflict, Forbidden, NotFound, NotSignedIn
from zhanggui.kernel.storage import Actor, Database, UnitOfWork, UtcDateTime, metadata
from zhanggui.kernel.types import new_id

Role = Literal["owner", "operator", "viewer"]
Scope = Literal["read", "propose", "decide", "admin"]
ROLES: tuple[Role, ...] = ("owner", "operator", "viewer")
SCOPES: tuple[Scope, ...] = ("read", "propose", "decide", "admin")
_ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    "owner": frozenset(SCOPES),
    "operator": frozenset({"read", "propose", "decide"}),
    "viewer": frozenset({"read"}),
}
_LOGIN = re.compile(r"[\w.@+-]{2,64}")
_LOCK_AFTER, _LOCK_FOR = 5, timedelta(minutes=5)

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("login", sa.String(64), primary_key=True),
    sa.Column("merchant_id", sa.String(64), nullable=False, index=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until", UtcDateTime),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("merchant_id", sa.String(64), nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling, for which merchant, with which rights."""

    merchant_id: str
    actor: Actor
    scopes: frozenset[Scope]
    role: Role | None = None

    def require(self, scope: Scope) -> None:
        """Fail unless the caller has the scope.

        Raises:
            Forbidden: it has not.
        """
        if scope not in self.scopes:
            raise Forbidden(f"this needs the right to {scope}", scope=scope)


@dataclass(frozen=True, slots=True)
class Staff:
    """A person who works in the console."""

    login: str
    merchant_id: str
    role: Role
    created_at: datetime
    disabled: bool


@dataclass(frozen=True, slots=True)
class Token:
    """An API token; its secret is shown once, only its SHA-256 is kept."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    revoked_at: datetime | None


class Access:
    """Staff and tokens of the installation."""

    def __init__(self, database: Database, *, hasher: PasswordHasher | None = None) -> None:
        self._database = database
        self._hasher = hasher or PasswordHasher()

    def add_staff(self, uow: UnitOfWork, login: str, *, password: str, role: Role) -> Staff:
        """Let a person in for the unit of work's merchant.

        Raises:
            BadInput: the login, the password (10 characters at least) or the role is not usable.
            Conflict: the login is taken.
        """
        if not _LOGIN.fullmatch(login):
            raise BadInput(field="login", expected="2 to 64 letters, digits or . @ + - _", found=login)
        if role not in ROLES:
            raise BadInput(field="role", expected=" | ".join(ROLES), found=str(role))
        self._require_password(password)
        person = Staff(login, uow.merchant_id, role, uow.clock.now(), False)
        try:
            with uow.connection.begin_nested():
                uow.connection.execute(
                    sa.insert(staff).values(
                        login=login,
                        merchant_id=uow.merchant_id,
                        role=role,
                        password=self._hasher.hash(password),
                        created_at=person.created_at,
                        disabled=False,
                        failures=0,
                    )
                )
        except IntegrityError as taken:
            raise Conflict(f"login {login!r} is taken") from taken
        AuditLog(uow).record("staff.added", login, {"role": role})
        return person

    def change_password(self, uow: UnitOfWork, login: str, *, password: str) -> None:
        """Set a new password and unlock.

        Raises:
            BadInput: shorter than 10 characters.
            NotFound: no such login of this merchant.
        """
        self._require_password(password)
        values = {"password": self._hasher.hash(password), "failures": 0, "locked_until": None}
        if uow.change(uow.update(staff).where(staff.c.login == login).values(values)) == 0:
            raise NotFound(f"no login {login!r}")
        AuditLog(uow).record("staff.password", login)

    def disable_staff(self, uow: UnitOfWork, login: str) -> None:
        """Let a person in no more; the last owner stays.

        Raises:
            NotFound: no such login of this merchant.
            Conflict: it is the last owner.
        """
        people = self.staff(uow)
        person = next((one for one in people if one.login == login), None)
        if person is None:
            raise NotFound(f"no login {login!r}")
        owners = [one for one in people if one.role == "owner" and not one.disabled]
        if owners == [person]:
            raise Conflict("the last owner cannot be shut out")
        uow.change(uow.update(staff).where(staff.c.login == login).values(disabled=True))
        AuditLog(uow).record("staff.disabled", login)

    def staff(self, uow: UnitOfWork) -> tuple[Staff, ...]:
        """Everybody who works for the merchant."""
        columns = (staff.c.login, staff.c.merchant_id, staff.c.role, staff.c.created_at, staff.c.disabled)
        return tuple(Staff(**row) for row in uow.rows(uow.select(staff, *columns).order_by(staff.c.login)))

    def sign_in(self, login: str, password: str) -> Principal:
        """Check a password; five failures lock the login for five minutes.

        Raises:
            NotSignedIn: wrong, unknown, disabled or locked; the message does not say which of the first three.
        """
        now = self._database.clock.now()
        with self._database.installation() as connection:
            row = connection.execute(sa.select(staff).where(staff.c.login == login)).mappings().first()
            if row is not None and row["locked_until"] is not None and row["locked_until"] > now:
                raise NotSignedIn("too many attempts; try again in a few minutes")
            right = self._verify(row["password"] if row else self._dummy(), password) and row is not None
            if row is not None:
                failures = 0 if right else row["failures"] + 1
                locked = now + _LOCK_FOR if failures >= _LOCK_AFTER else None
                changed = sa.update(staff).where(staff.c.login == login)
                connection.execute(changed.values(failures=0 if locked else failures, locked_until=locked))
        if not right or row is None or row["disabled"]:
            raise NotSignedIn("login or password is wrong")
        return _principal(row)

    def resume(self, login: str) -> Principal:
        """The principal of a session that was signed in before; roles and locks count anew.

        Raises:
            NotSignedIn: the login is gone or disabled.
        """
        with self._database.installation(read_only=True) as connection:
            row = connection.execute(sa.select(staff).where(staff.c.login == login)).mappings().first()
        if row is None or row["disabled"]:
            raise NotSignedIn("the session is over")
        return _principal(row)

    def issue_token(self, uow: UnitOfWork, name: str, *, scopes: tuple[Scope, ...]) -> tuple[Token, str]:
        """A new token and its secret (shown this once).

        Raises:
            BadInput: no name, or an unknown scope.
        """
        if not name.strip() or len(name) > 100:
            raise BadInput(field="name", expected="1 to 100 characters", found=name)
        if not scopes or not set(scopes) <= set(SCOPES):
            raise BadInput(field="scopes", expected=f"some of {', '.join(SCOPES)}", found=", ".join(scopes))
        secret = f"zg_{secrets.token_urlsafe(32)}"
        token = Token(new_id("tok"), name.strip(), scopes, uow.clock.now(), None)
        uow.insert(
            tokens,
            {
                "id": token.id,
                "name": token.name,
                "digest": _digest(secret),
                "scopes": list(scopes),
                "created_at": token.created_at,
            },
        )
        AuditLog(uow).record("token.issued", token.id, {"name": token.name, "scopes": list(scopes)})
        return token, secret

    def tokens(self, uow: UnitOfWork) -> tuple[Token, ...]:
        """The merchant's tokens, newest first."""
        found = uow.rows(uow.select(tokens).order_by(tokens.c.id.desc()))
        return tuple(
            Token(row["id"], row["name"], tuple(row["scopes"]), row["created_at"], row["revoked_at"]) for row in found
        )

    def revoke_token(self, uow: UnitOfWork, token_id: str) -> None:
        """Make a token useless.

        Raises:
            NotFound: no such token of this merchant.
        """
        if uow.change(uow.update(tokens).where(tokens.c.id == token_id).values(revoked_at=uow.clock.now())) == 0:
            raise NotFound(f"no token {token_id!r}")
        AuditLog(uow).record("token.revoked", token_id)

    def by_token(self, secret: str) -> Principal:
        """Who comes with this token.

        Raises:
            NotSignedIn: unknown or revoked.
        """
        with self._database.installation(read_only=True) as connection:
            row = connection.execute(_TOKEN, {"digest": _digest(secret)}).mappings().first()
        if row is None or row["revoked_at"] is not None:
            raise NotSignedIn("the token is unknown or was revoked")
        return Principal(row["merchant_id"], Actor("token", row["name"]), frozenset(row["scopes"]))

    def _dummy(self) -> str:
        # Verified against when the login is unknown, so that both answers take the same time; never a password.
        return _dummy_hash(self._hasher)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    @staticmethod
    def _require_password(password: str) -> None:
        if len(password) < 10:
            raise BadInput(field="password", expected="at least 10 characters", found=f"{len(password)} characters")


# Asked with every request, so it is put together once.
_TOKEN = sa.select(tokens).where(tokens.c.digest == sa.bindparam("digest"))


@cache
def _dummy_hash(hasher: PasswordHasher) -> str:
    return hasher.hash(secrets.token_urlsafe(16))


def _principal(row: sa.RowMapping) -> Principal:
    role: Role = row["role"]
    return Principal(row["merchant_id"], Actor("person", row["login"]), _ROLE_SCOPES[role], role)


def _digest(secret: str) -> str:
    # A token is 256 random bits, so that a plain hash is enough; passwords get argon2.
    return hashlib.sha256(secret.encode()).hexdigest()
