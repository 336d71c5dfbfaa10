"""`zhanggui mcp`: the desk as tools for an assistant."""

import logging
from typing import Annotated

from zhanggui.cli.common import opened
from zhanggui.cli.options import option


def mcp(
    client: Annotated[str, option(help="What the audit trail calls the assistant.")] = "assistant",
) -> None:
    """Serve the desk's tools to an assistant over standard input and output (Model Context Protocol)."""
    # Imported here: the protocol's library takes longer to load than most commands take to run.
    from zhanggui.mcp import server

    # Standard output belongs to the protocol; the library's own log goes to standard error.
    logging.getLogger("mcp").setLevel(logging.WARNING)
    with opened() as app:
        server(app, client=client).run("stdio")
