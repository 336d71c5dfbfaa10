"""A test client that compares every answer of the API with the description: the status, the media type, the schema."""

import re
from typing import Any

import httpx
import jsonschema
from fastapi import FastAPI
from fastapi.testclient import TestClient

from zhanggui.api.openapi import operations


class Described:
    """Answers looked up in `/openapi.json`."""

    def __init__(self, server: FastAPI) -> None:
        self.spec = server.openapi()
        self._routes: list[tuple[re.Pattern[str], str, dict[str, Any]]] = []
        for path, method, operation in operations(self.spec):
            pattern = re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path))
            self._routes.append((re.compile(pattern), method, operation))
        self._routes.sort(key=lambda one: one[0].pattern.count("[^/]+"))

    def check(self, method: str, path: str, response: Any) -> None:
        """Raise an AssertionError where the answer is not what the description says."""
        found = [one for pattern, at, one in self._routes if at == method.lower() and pattern.fullmatch(path)]
        if not found:
            fine = path == "/openapi.json" or response.status_code in (404, 405) or method == "OPTIONS"
            assert fine, f"{method} {path} is not described"
            return
        answer = found[0]["responses"].get(str(response.status_code))
        assert answer is not None, f"{method} {path}: {response.status_code} is not described: {response.text[:300]}"
        if "$ref" in answer:
            answer = self.spec["components"]["responses"][answer["$ref"].rsplit("/", 1)[-1]]
        media = response.headers.get("content-type", "").partition(";")[0]
        content = answer.get("content", {})
        if not content:
            return
        assert media in content, f"{method} {path}: {media!r} is not one of {list(content)}"
        if media.endswith("json"):
            whole = {**content[media]["schema"], "components": self.spec["components"]}
            jsonschema.Draft202012Validator(whole).validate(response.json())


class DescribedClient(TestClient):
    """Checks each answer as it comes."""

    def __init__(self, server: FastAPI) -> None:
        super().__init__(server)
        self._described = Described(server)

    def request(self, method: str, url: Any, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # as httpx takes
        """As httpx does."""
        response = super().request(method, url, *args, **kwargs)
        self._described.check(method, httpx.URL(str(url)).path, response)
        return response
