"""The ASGI app: API and console in one process."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI

from zhanggui import __version__
from zhanggui.api import add_api
from zhanggui.app import App, schedule_work
from zhanggui.web import add_console


def make_server(app: App, *, console: bool = True) -> FastAPI:
    """The ASGI application over a built installation; jobs start with it and stop with it."""

    @asynccontextmanager
    async def lifespan(_server: FastAPI) -> AsyncGenerator[None]:
        await asyncio.to_thread(schedule_work, app)
        await asyncio.to_thread(app.jobs.launch)
        try:
            yield
        finally:
            await asyncio.to_thread(app.close)

    server = FastAPI(
        title="Zhanggui",
        version=__version__,
        description="The AI operations desk: every AI action is a proposal with evidence and checks.",
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from outside
        redoc_url=None,
    )
    add_api(server, app)
    if console:
        add_console(server, app)
    return server


class _Server(uvicorn.Server):
    """Tells open event streams when it is told to stop: they would be waited for until the grace is over."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        stopping = getattr(getattr(self.config.app, "state", None), "stopping", None)
        if stopping is not None:
            stopping.set()
        super().handle_exit(sig, frame)


def run_server(server: FastAPI, *, host: str, port: int, grace: int = 5) -> None:
    """Serve until SIGTERM or SIGINT; both end it in order, and the exit code is 0.

    Requests under way get `grace` seconds to be answered, then items of jobs theirs (`Jobs.close`). Logs are set up
    by the caller.

    Raises:
        SystemExit: with 3, when the port or the start failed.
    """
    signal.signal(signal.SIGTERM, _leave)  # what uvicorn hands the signal on to when everything is closed
    config = uvicorn.Config(
        server, host=host, port=port, timeout_graceful_shutdown=grace, log_config=None, access_log=False
    )
    running = _Server(config)
    with suppress(KeyboardInterrupt):
        running.run()
    if not running.started:
        sys.exit(3)


def _leave(_number: int, _frame: FrameType | None) -> None:
    # Everything is closed and saved. Threads may still wait for a model that does not answer: nobody waits for them.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


def free_port(host: str) -> int:
    """A port that is free now on this address."""
    with socket.create_server((host, 0)) as held:
        return int(held.getsockname()[1])
