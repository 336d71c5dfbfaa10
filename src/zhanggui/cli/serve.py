"""`zhanggui serve`: the console and the API."""

from typing import Annotated

from zhanggui.app import build
from zhanggui.cli import common
from zhanggui.cli.options import option


def serve(
    host: Annotated[str | None, option(help="Address to listen on; the setting when not given.")] = None,
    port: Annotated[int | None, option(min=0, max=65535, help="Port; 0 takes a free one.")] = None,
) -> None:
    """Serve the console and the API until interrupted."""
    # Imported here: the web framework takes longer to load than most commands take to run.
    from zhanggui.api.logs import set_up_logs
    from zhanggui.server import free_port, make_server, run_server

    overrides = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = common.settings(**overrides)
    set_up_logs(settings.log_format, settings.log_level)
    chosen_port = settings.port or free_port(settings.host)
    app = build(settings)
    common.out.print(f"Console: http://{settings.host}:{chosen_port}/   API: /openapi.json", markup=False)
    run_server(make_server(app), host=settings.host, port=chosen_port)
