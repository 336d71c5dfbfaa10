"""The MCP server, asked by the official client: in process, and over a real pipe."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from tests.api.conftest import KETTLE
from tests.conftest import TESTER
from zhanggui.app import App, build
from zhanggui.catalog import ProductStore
from zhanggui.mcp import server
from zhanggui.settings import Settings


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    made = build(Settings(data_dir=tmp_path / "data", model="none"))
    with made.database.begin("main", TESTER) as uow:
        ProductStore(uow).create([KETTLE], "batch")
    made.merchants.create("other", name="Another shop")
    yield made
    made.close()


def call(app: App, tool: str, arguments: dict[str, Any], *, merchant: str = "main") -> Any:
    """What a tool answers through the official client."""

    async def ask() -> Any:
        async with Client(server(app, merchant_id=merchant)) as client:
            return await client.call_tool(tool, arguments)

    return asyncio.run(ask())


def test_every_tool_says_what_it_does_and_whether_it_only_reads(app: App) -> None:
    async def listed() -> Any:
        async with Client(server(app)) as client:
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in asyncio.run(listed())}
    assert {"search_products", "order", "inbox", "propose"} <= set(tools)
    for name, tool in tools.items():
        assert tool.description, name
        assert tool.annotations.read_only_hint is not name.startswith("propose"), name


def test_reading_shows_the_product_and_only_the_own_one(app: App) -> None:
    found = call(app, "search_products", {"text": "kettle"})
    assert not found.is_error
    assert [item["id"] for item in found.structured_content["items"]] == ["kettle"]
    foreign = call(app, "search_products", {"text": "kettle"}, merchant="other")
    assert foreign.structured_content["items"] == []
    assert call(app, "product", {"product_id": "kettle"}, merchant="other").is_error


def test_copy_is_checked_against_the_attributes(app: App) -> None:
    wrong = call(app, "check_copy", {"product_id": "kettle", "description": "Made of titanium.", "locale": "en"})
    assert wrong.structured_content["publishable"] is False
    right = call(app, "check_copy", {"product_id": "kettle", "description": "Made of enamel.", "locale": "en"})
    assert right.structured_content["publishable"] is True


def test_a_proposal_waits_for_a_person_and_changes_nothing(app: App) -> None:
    made = call(app, "propose_listing_copy", {"product_id": "kettle", "locale": "en"})
    assert not made.is_error
    assert made.structured_content["proposal"]["state"] == "waiting"
    waiting = call(app, "inbox", {}).structured_content["items"]
    assert [one["id"] for one in waiting] == [made.structured_content["proposal"]["id"]]
    assert call(app, "product", {"product_id": "kettle"}).structured_content["listings"] == []
    trail = call(app, "audit_check", {}).structured_content
    assert trail["problems"] == []


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("product", {"product_id": "nowhere"}),
        ("product", {}),
        ("search_products", {"limit": 100_000}),
        ("propose", {"kind": "no-such-kind", "subject": "a", "title": "a", "payload": {}}),
        ("propose", {"kind": "refund", "subject": "a", "title": "a", "payload": {"order_id": "'; DROP TABLE orders"}}),
    ],
)
def test_bad_arguments_are_errors_that_say_what_is_wrong(app: App, tool: str, arguments: dict[str, Any]) -> None:
    answer = call(app, tool, arguments)
    assert answer.is_error
    assert answer.content[0].text
    assert call(app, "inbox", {}).structured_content["items"] == []


def test_the_command_speaks_the_protocol_over_a_pipe(tmp_path: Path) -> None:
    environment = {**os.environ, "ZHANGGUI_DATA_DIR": str(tmp_path / "data"), "ZHANGGUI_MODEL": "none"}
    command = StdioServerParameters(command=sys.executable, args=["-m", "zhanggui", "mcp"], env=environment)

    async def ask() -> Any:
        async with Client(command) as client:
            return await client.call_tool("search_products", {})

    assert asyncio.run(ask()).structured_content["items"] == []
