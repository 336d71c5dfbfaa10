"""Nobody comes in who should not, on both databases."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from tests.conftest import TESTER

from zhanggui.kernel.access import Access
from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.errors import BadInput, Conflict, Forbidden, NotFound, NotSignedIn
from zhanggui.kernel.storage import Database

PASSWORD = "correct horse battery"


@pytest.fixture
def access(database: Database) -> Access:
    made = Access(database, hasher=PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    with database.begin("m1", TESTER) as uow:
        made.add_staff(uow, "li", password=PASSWORD, role="owner")
        made.add_staff(uow, "wang", password=PASSWORD, role="viewer")
    return made


def test_the_right_password_lets_in_with_the_roles_rights(access: Access) -> None:
    owner = access.sign_in("li", PASSWORD)
    assert (owner.merchant_id, str(owner.actor), owner.role) == ("m1", "person:li", "owner")
    owner.require("admin")
    with pytest.raises(Forbidden, match="decide"):
        access.sign_in("wang", PASSWORD).require("decide")


@pytest.mark.parametrize(("login", "password"), [("li", "wrong wrong wrong"), ("nobody", PASSWORD), ("", "")])
def test_wrong_and_unknown_sound_the_same(access: Access, login: str, password: str) -> None:
    with pytest.raises(NotSignedIn, match="login or password is wrong"):
        access.sign_in(login, password)


def test_five_failures_lock_for_five_minutes(access: Access, clock: FixedClock) -> None:
    for _ in range(5):
        with pytest.raises(NotSignedIn, match="wrong"):
            access.sign_in("li", "guess guess guess")
    with pytest.raises(NotSignedIn, match="too many"):
        access.sign_in("li", PASSWORD)
    clock.advance(timedelta(minutes=6))
    assert access.sign_in("li", PASSWORD).role == "owner"


def test_a_disabled_person_is_out_at_once(access: Access, database: Database) -> None:
    with database.begin("m1", TESTER) as uow:
        access.disable_staff(uow, "wang")
        with pytest.raises(Conflict, match="last owner"):
            access.disable_staff(uow, "li")
    for enter in (lambda: access.sign_in("wang", PASSWORD), lambda: access.resume("wang")):
        with pytest.raises(NotSignedIn):
            enter()


def test_logins_and_passwords_are_checked(access: Access, database: Database) -> None:
    with database.begin("m2", TESTER) as uow:
        with pytest.raises(Conflict, match="taken"):
            access.add_staff(uow, "li", password=PASSWORD, role="owner")
        with pytest.raises(BadInput, match="login"):
            access.add_staff(uow, "<b>", password=PASSWORD, role="owner")
        with pytest.raises(BadInput, match="password"):
            access.add_staff(uow, "zhao", password="short", role="owner")
        with pytest.raises(NotFound):
            access.change_password(uow, "li", password=PASSWORD)
        assert access.staff(uow) == ()


def test_tokens_act_by_scope_until_revoked(access: Access, database: Database) -> None:
    with database.begin("m1", TESTER) as uow:
        token, secret = access.issue_token(uow, "erp", scopes=("read",))
        assert secret not in str(access.tokens(uow))
    caller = access.by_token(secret)
    assert (caller.merchant_id, caller.scopes) == ("m1", frozenset({"read"}))
    with database.begin("m2", TESTER) as uow:
        assert access.tokens(uow) == ()
        with pytest.raises(NotFound):
            access.revoke_token(uow, token.id)
    with database.begin("m1", TESTER) as uow:
        access.revoke_token(uow, token.id)
    with pytest.raises(NotSignedIn):
        access.by_token(secret)
    with pytest.raises(NotSignedIn):
        access.by_token("zg_guess")
