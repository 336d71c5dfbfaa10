"""`zhanggui staff` and tokens: who may come in."""

import secrets
from typing import Annotated, cast

from zhanggui.cli.common import opened, out, working
from zhanggui.cli.options import argument, group, option
from zhanggui.kernel.access import Role, Scope

cli = group("Who may come in: staff with roles, API tokens with scopes.")


@cli.command()
def add(
    login: Annotated[str, argument(help="Name to sign in with.")],
    role: Annotated[str, option(help="owner, operator or viewer.")] = "operator",
    password: Annotated[
        str | None, option(help="At least 10 characters; asked for or made when not given.", envvar=None)
    ] = None,
) -> None:
    """Let a person into the console; prints the password when it was made here."""
    made = password or secrets.token_urlsafe(12)
    with opened() as app, working(app) as uow:
        person = app.access.add_staff(uow, login, password=made, role=cast(Role, role))
    out.print(f"{person.login} may sign in as {person.role}", markup=False)
    if password is None:
        out.print(f"password: {made}", markup=False, highlight=False)


@cli.command("list")
def list_staff() -> None:
    """Everybody who may sign in."""
    with opened() as app, working(app, read_only=True) as uow:
        for person in app.access.staff(uow):
            out.print(f"{person.login}  {person.role}{'  (disabled)' if person.disabled else ''}", markup=False)


@cli.command()
def disable(login: Annotated[str, argument(help="Who may sign in no more.")]) -> None:
    """Let a person in no more."""
    with opened() as app, working(app) as uow:
        app.access.disable_staff(uow, login)


@cli.command()
def token(
    name: Annotated[str, argument(help="What the token is for.")],
    scope: Annotated[list[str] | None, option(help="read, propose, decide or admin; may be repeated.")] = None,
) -> None:
    """Make an API token; its secret is shown this once."""
    scopes = cast(tuple[Scope, ...], tuple(scope or ["read"]))
    with opened() as app, working(app) as uow:
        made, secret = app.access.issue_token(uow, name, scopes=scopes)
    out.print(f"{made.id}  {', '.join(made.scopes)}", markup=False)
    out.print(secret, markup=False, highlight=False, soft_wrap=True)


@cli.command("revoke-token")
def revoke_token(token_id: Annotated[str, argument(help="Id of the token.")]) -> None:
    """Make a token useless."""
    with opened() as app, working(app) as uow:
        app.access.revoke_token(uow, token_id)
