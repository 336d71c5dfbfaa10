"""The description at `/openapi.json`: what FastAPI knows of the routes, what each answers, what can go wrong."""

from collections.abc import Iterator
from typing import Any, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from zhanggui.api.answers import ANSWERS
from zhanggui.api.examples import BODIES, EXAMPLES, MEDIA
from zhanggui.api.shapes import REFERENCE, Schemas

_METHODS = ("get", "put", "post", "delete", "patch")
_WRITES = ("put", "post", "delete", "patch")
_TAGS = {
    "catalog": "Products, imports and exports, listing copy",
    "chat": "Visitors' chat, conversations, hand-overs to people",
    "complaints": "Complaints and how customers feel",
    "desk": "Proposals, autonomy, the audit trail",
    "health": "Is it alive, can it work, what does it measure",
    "jobs": "Bulk work",
    "knowledge": "What answers may be taken from",
    "marketing": "Customers, audiences, campaigns, recommendations",
    "models": "Chat models and what they cost",
    "orders": "Orders, shops, exceptions, automations, policy",
    "planning": "Forecasts, stock, purchases",
    "webhooks": "Webhooks in and out",
}
# What can go wrong, and where: any route, one that names a caller, one that changes something, one that is throttled.
_PROBLEMS = {
    "400": "The request makes no sense",
    "401": "No valid token or signature",
    "402": "The merchant's own limit on cost is reached",
    "403": "The token lacks the scope, or policy says no",
    "404": "No such thing, or not yours",
    "409": "The thing moved on meanwhile",
    "413": "The body is too large",
    "422": "A field is not what was expected",
    "429": "Too many: come back after the seconds in `Retry-After`",
    "501": "A setting or an extra is missing on this installation",
    "503": "Something outside is slow or down; the same call may succeed later",
}
_THROTTLED = ("/chat/{merchant_id}/sessions", "/chat/{merchant_id}/messages", "/chat/{merchant_id}/webhook")
_ASKS_OUTSIDE = ("/knowledge/ask", "/audiences/read", "/test", "/deliver", "/approve", "/decide", "/undo")
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "`urn:zhanggui:` and a code that stays the same."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, for people."},
        "field": {"type": "string", "description": "Of a bad value: where it is."},
        "expected": {"type": "string"},
        "found": {"type": "string"},
        "row": {"type": "integer", "minimum": 1},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
    "examples": [
        {
            "type": "urn:zhanggui:not-found",
            "title": "not found",
            "status": 404,
            "detail": "no proposal 'prp_01J'",
        }
    ],
}
_ABOUT = """The AI operations desk: every AI action is a proposal with evidence and checks.

Send an API token as `Authorization: Bearer zg_…`. Amounts are `{minor, currency}`: integer minor units. Times are
RFC 3339 in UTC. Lists answer with `items`, and with `next_cursor` where there is more: pass it as `cursor`. With an
`Idempotency-Key` a repeated call has one effect and gets the first answer again. Errors are problem details
(RFC 9457)."""


def describe_api(server: FastAPI, prefix: str) -> None:
    """Make `server.openapi` tell everything; built once, when somebody first asks."""

    def build() -> dict[str, Any]:
        if server.openapi_schema is None:
            server.openapi_schema = _described(server, prefix)
        return server.openapi_schema

    server.openapi = build


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation of a description: path, method, operation."""
    for path, at in cast(dict[str, dict[str, Any]], described["paths"]).items():
        for method in _METHODS:
            if method in at:
                yield path, method, at[method]


def _described(server: FastAPI, prefix: str) -> dict[str, Any]:
    made = get_openapi(
        title=server.title,
        version=server.version,
        summary="The AI operations desk for online shops",
        description=_ABOUT,
        routes=server.routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        tags=[{"name": name, "description": about} for name, about in _TAGS.items()],
    )
    schemas = Schemas()
    for path, method, operation in operations(made):
        key = f"{method.upper()} {path.removeprefix(prefix)}"
        operation["summary"] = (
            operation.get("description", operation["summary"]).split("\n")[0].split(". ")[0].rstrip(".")
        )
        operation["operationId"] = operation["operationId"].split(f"_{_folded(path)}")[0]
        operation["tags"] = list(dict.fromkeys(operation["tags"]))
        _answers(operation, key, schemas)
        operation["responses"] |= _problems(path, method, secured="security" in operation)
        _example(operation, key)
    components = made.setdefault("components", {})
    known = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        known.pop(unused, None)
    both = known.keys() & schemas.components.keys()
    assert not both, f"a body and an answer have the same name: {sorted(both)}"
    known |= {**schemas.components, "Problem": _PROBLEM}
    components["responses"] = {
        code: {
            "description": about,
            "content": {"application/problem+json": {"schema": {"$ref": f"{REFERENCE}Problem"}}},
        }
        for code, about in _PROBLEMS.items()
    }
    return made


def _folded(path: str) -> str:
    return "".join(one if one.isalnum() else "_" for one in path).strip("_")


def _answers(operation: dict[str, Any], key: str, schemas: Schemas) -> None:
    """The schema of the good answer, in place of what FastAPI guessed."""
    shape = ANSWERS.get(key)
    for code, answer in operation["responses"].items():
        if code == "200" and key in MEDIA:
            answer["content"] = {media: {"schema": {"type": "string"}} for media in MEDIA[key]}
        if shape is not None and code.startswith("2") and "application/json" in answer.get("content", {}):
            answer["description"] = "Done" if code == "200" else "Accepted"
            answer["content"]["application/json"] = {"schema": schemas.shape(shape)}


def _problems(path: str, method: str, *, secured: bool) -> dict[str, Any]:
    if path == "/healthz":
        return {}
    if path == "/readyz":
        return {"503": {"$ref": "#/components/responses/503"}}
    codes = {"400", "404", "422", "503"}
    if secured:
        codes |= {"401", "403"}
    if method in _WRITES:
        codes |= {"401", "409"}
    if "/chat/" in path:
        codes |= {"401"}
    if any(path.endswith(one) for one in _THROTTLED):
        codes |= {"429"}
    if any(path.endswith(one) for one in _ASKS_OUTSIDE):
        codes |= {"402", "501"}
    return {code: {"$ref": f"#/components/responses/{code}"} for code in sorted(codes)}


def _example(operation: dict[str, Any], key: str) -> None:
    if key in BODIES:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": BODIES[key]}}}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None and key in EXAMPLES:
        body["examples"] = {name: {"value": value} for name, value in EXAMPLES[key].items()}
