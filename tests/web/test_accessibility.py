"""Every main page of a shop full of work, judged by axe-core: nothing serious, nothing critical, light and dark."""

from importlib.resources import files
from typing import Any, cast

import pytest
from playwright.sync_api import Page

from tests.web.conftest import SignIn, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1800)]
PAGES = (
    "/", "/tour", "/inbox", "/conversations", "/handovers", "/knowledge", "/complaints", "/mood", "/orders",
    "/exceptions", "/automations", "/policy", "/catalogue", "/recommendations", "/forecast", "/forecast/staffing",
    "/stock", "/jobs", "/models", "/audit", "/settings", "/import", "/connect", "/webhooks", "/customers",
    "/audiences", "/campaigns",
)  # fmt: skip
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# The framework's upload component puts its file field into its button; we open it by a button of our own.
_NOT_OURS = {"nested-interactive": ".q-uploader"}


def _axe() -> str:
    pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python brings axe-core")
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def _grave(page: Page, axe: str) -> list[str]:
    """Violations that shut somebody out, each with the rule and where."""
    page.evaluate(axe)
    asked = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"]}
    found = cast(dict[str, Any], page.evaluate("(asked) => axe.run(document, asked)", asked))
    grave: list[str] = []
    for rule in found["violations"]:
        ours = [node for node in rule["nodes"] if not _framework(page, rule["id"], node["target"])]
        if rule["impact"] in ("serious", "critical") and ours:
            grave.append(f"{rule['id']} {len(ours)}x: {ours[0]['target']} {ours[0]['html'][:160]}")
    return grave


def _framework(page: Page, rule: str, target: list[str]) -> bool:
    inside = _NOT_OURS.get(rule)
    question = "([at, inside]) => Boolean(document.querySelector(at)?.closest(inside))"
    return inside is not None and bool(page.evaluate(question, [target[0], inside]))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_shuts_anybody_out(demo_in: SignIn, demo_site: Site, dark: bool, width: int) -> None:
    axe, page = _axe(), demo_in(width=width, dark=dark, locale="en" if dark else "zh-CN")
    wrong: dict[str, list[str]] = {}
    for path in PAGES:
        page.goto(f"{demo_site.address}{path}")
        page.wait_for_selector("h1")
        page.wait_for_timeout(700)  # what a page fetches after its heading
        if grave := _grave(page, axe):
            wrong[path] = grave
    assert wrong == {}
