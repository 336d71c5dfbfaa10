"""The description is whole and true: every route is told of, and schemathesis finds no answer that it does not tell.

The other tests of this folder compare every answer that they get with the description too (`described.py`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import KETTLE, bearer
from tests.conftest import TESTER
from zhanggui.api import add_api
from zhanggui.api.answers import ANSWERS
from zhanggui.api.examples import BODIES, EXAMPLES, MEDIA
from zhanggui.api.openapi import operations
from zhanggui.app import App, build
from zhanggui.catalog import ProductStore
from zhanggui.settings import Settings

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES_EACH = 3  # of right and of wrong requests, for each of the routes
PREFIX = "/api/v1"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    made = build(Settings(data_dir=tmp_path_factory.mktemp("schema") / "data", model="none"))
    with made.database.begin("main", TESTER) as uow:
        ProductStore(uow).save(KETTLE)
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(shop: App) -> FastAPI:
    # Without the lifespan of `make_server`: schemathesis opens and closes the application around every request.
    bare = FastAPI(title="Zhanggui", version="1")
    add_api(bare, shop)
    return bare


def test_every_route_says_what_it_is_and_what_it_answers(server: FastAPI) -> None:
    described = server.openapi()
    told, ids = set[str](), list[str]()
    for path, method, operation in operations(described):
        key = f"{method.upper()} {path.removeprefix(PREFIX)}"
        told.add(key)
        ids.append(operation["operationId"])
        assert len(operation["summary"]) > 5 and len(operation["tags"]) == 1, key
        good = [one for code, one in operation["responses"].items() if code.startswith("2")]
        assert good, key
        for media, content in good[0].get("content", {}).items():
            assert media != "application/json" or key in ANSWERS, f"{key}: what it answers is not told in answers.py"
            assert content["schema"], key
        for code in operation["responses"]:
            assert code.startswith("2") or "$ref" in operation["responses"][code], f"{key} {code}"
    assert len(ids) == len(set(ids))
    assert {*ANSWERS, *EXAMPLES, *BODIES, *MEDIA} <= told, "told of a route that is not there"


def test_every_reference_leads_somewhere_and_every_example_fits(server: FastAPI) -> None:
    described = server.openapi()

    def follow(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(reference := node.get("$ref"), str):
                place: Any = described
                for part in reference.removeprefix("#/").split("/"):
                    place = place[part]
            for inside in node.values():
                follow(inside)
        elif isinstance(node, list):
            for inside in node:
                follow(inside)

    follow(described)
    for path, method, operation in operations(described):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        for name, example in body.get("examples", {}).items():
            whole = {**body["schema"], "components": described["components"]}
            jsonschema.Draft202012Validator(whole).validate(example["value"])
            assert name and method != "get", path


def _problem(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> str:
    """What is wrong with an answer to one of some requests, or nothing."""

    @seed(20260301)
    @settings(
        max_examples=EXAMPLES_EACH, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case) -> None:
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS, headers=headers)

    try:
        send()
    except Unsatisfiable:
        return ""  # nothing of it can be wrong
    except (AssertionError, ExceptionGroup) as wrong:
        return f"{operation.label}: {wrong}"[:2000]
    return ""


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_schemathesis_finds_no_answer_that_is_not_described(server: FastAPI, shop: App, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", server)
    token, problems = bearer(shop), list[str]()
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.label.startswith("GET") and operation.label.endswith("/events") and "/chat/" in operation.label:
            continue  # a stream of four minutes
        signed = "/chat/{" in operation.label or "/webhooks/" in operation.label
        problems.append(_problem(operation, mode, {} if signed else token))
    assert [one for one in problems if one] == []


def test_the_description_can_be_read_without_a_token(server: FastAPI, tmp_path: Path) -> None:
    answer = TestClient(server).get("/openapi.json")
    assert answer.status_code == 200 and answer.json()["openapi"].startswith("3.1")
