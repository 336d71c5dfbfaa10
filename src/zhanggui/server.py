"""The ASGI app: API and console in one process."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

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


def free_port(host: str) -> int:
    """A port that is free now on this address."""
    with socket.create_server((host, 0)) as held:
        return int(held.getsockname()[1])
