"""Bring a database to the newest tables (Alembic, forward only)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from zhanggui.kernel.storage.database import Database

_HERE = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    return config


def head_revision() -> str:
    """The newest revision that this release knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def current_revision(database: Database) -> str | None:
    """The revision that the database is at; None when it is empty."""
    with database.installation(read_only=True) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(database: Database, revision: str = "head") -> None:
    """Upgrade to `revision` in one transaction; does nothing when already there."""
    config = _config()
    with database.installation() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
