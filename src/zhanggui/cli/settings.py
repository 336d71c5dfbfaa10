"""`zhanggui settings`: what can be set, and what is."""

from rich.table import Table

from zhanggui.cli import common
from zhanggui.settings import describe


def show() -> None:
    """Every setting: its variable, its value now (secrets hidden) and what it does."""
    now = common.settings()
    table = Table("Variable", "Now", "What it does")
    for variable, _, text in describe():
        name = variable.removeprefix("ZHANGGUI_").lower()
        value = getattr(now, name)
        hidden = "(set)" if value and (name == "database_url" or "key" in name) else None
        table.add_row(variable, hidden or str(value if value is not None else ""), text)
    common.out.print(table)
