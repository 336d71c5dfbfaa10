"""Set up chat models: try each, fetch the weights of the one on this machine, see which settings are set and how."""

import asyncio

from zhanggui.app import TriedModel, try_model, weights_path
from zhanggui.kernel.errors import BadInput, ZhangguiError
from zhanggui.kernel.llm import DEFAULT_WEIGHTS, pull
from zhanggui.settings import Settings
from zhanggui.web.frame import Frame, Region, Values, problem_text
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import bar, button, cell, chip, dollars, table
from zhanggui.web.session import Visit

_PROGRESS_SECONDS = 0.5
# Which settings speak of models, by whom they serve; the rest of the settings has its own page in the guides.
_SETTINGS = (
    "model", "task_models", "model_file", "local_slots", "local_threads", "openai_base_url", "openai_api_key",
    "openai_schema", "openai_on_machine", "google_api_key", "google_project", "google_location", "daily_budget_usd",
)  # fmt: skip
_EXAMPLES = (
    ("local", "ZHANGGUI_MODEL=local:qwen2.5-coder-1.5b-instruct-q4_k_m"),
    ("openai", "ZHANGGUI_MODEL=openai:gpt-4.1-mini\nZHANGGUI_OPENAI_API_KEY=…"),
    ("dashscope", "ZHANGGUI_MODEL=openai:qwen-plus\nZHANGGUI_OPENAI_API_KEY=…\nZHANGGUI_OPENAI_SCHEMA=json_object\n"
     "ZHANGGUI_OPENAI_BASE_URL=https://dashscope.aliyuncs.com/compatible-mode/v1"),
    ("ollama", "ZHANGGUI_MODEL=openai:qwen3:8b\nZHANGGUI_OPENAI_BASE_URL=http://127.0.0.1:11434/v1\n"
     "ZHANGGUI_OPENAI_ON_MACHINE=true"),
    ("google", "ZHANGGUI_MODEL=google:gemini-2.5-flash\nZHANGGUI_GOOGLE_API_KEY=…"),
)  # fmt: skip


def add_setup(frame: Frame) -> None:
    """The card with the models, each with its test, and the card that says how to set them; and what they answer."""
    visit = frame.visit
    told, models = Region("zg-main-part"), Region("zg-main-part")
    models.show(_models(visit))
    if visit.may("admin"):
        Region("zg-main-part").show(_how(visit))

    async def test(values: Values) -> None:
        name = str(values.get("id"))
        visit.caller.require("propose")
        told.show(h("p", visit.t("setup.asking", name=name), class_="zg-hint", role="status"))
        try:
            tried = await asyncio.to_thread(try_model, visit.app.models, name, visit.caller.merchant_id)
        except ZhangguiError as wrong:
            text = h("p", h("b", name), " · ", problem_text(visit, wrong))
            told.show(h("div", text, class_="zg-alert", role="alert"))
            return
        told.show(_answered(visit, name, tried))

    async def fetch(_: Values) -> None:
        visit.caller.require("admin")
        if visit.app.settings.model_file is not None:
            raise BadInput(field="model_file", expected="no file of your own", found="a file of your own")
        await _fetch(frame, told)
        models.show(_models(visit))

    frame.on("try-model", test)
    frame.on("fetch-weights", fetch)


async def _fetch(frame: Frame, told: Region) -> None:
    """Fetch in a thread and show how far it is; when the page is closed it goes on, and it begins where it stopped."""
    visit, far = frame.visit, [0, DEFAULT_WEIGHTS.size]

    def progress(done: int, total: int) -> None:
        far[:] = done, total

    folder = weights_path(visit.app.settings).parent
    task = asyncio.create_task(asyncio.to_thread(pull, DEFAULT_WEIGHTS, folder, on_progress=progress))
    label = visit.t("setup.fetching", name=DEFAULT_WEIGHTS.file)
    while not task.done():
        so_far = visit.t("setup.so_far", done=f"{far[0] / 1e6:,.0f}", total=f"{far[1] / 1e6:,.0f}")
        told.show(h("p", label, " ", bar(far[0] / far[1], label), " ", so_far, class_="zg-hint"))
        await asyncio.wait({task}, timeout=_PROGRESS_SECONDS)
    try:
        await task
    except ZhangguiError as wrong:
        told.show(h("p", problem_text(visit, wrong), class_="zg-alert", role="alert"))
        return
    told.show(h("p", visit.t("setup.fetched"), class_="zg-note", role="status"))


def _answered(visit: Visit, name: str, tried: TriedModel) -> Markup:
    verdict = chip(visit.t("setup.right" if tried.right else "setup.wrong"), "ok" if tried.right else "warn")
    tokens = visit.t("setup.took", tokens_in=tried.input_tokens, tokens_out=tried.output_tokens,
                     seconds=f"{tried.seconds:.1f}", cost=dollars(tried.micros))  # fmt: skip
    return h(
        "div",
        h("p", h("b", name), " · ", visit.t("setup.asked"), " ", f"{tried.question} = ", h("b", tried.answer), " ",
          verdict),
        h("p", tokens),
        class_="zg-note",
        role="status",
    )  # fmt: skip


def _models(visit: Visit) -> Markup:
    app, label = visit.app, visit.t("models.providers")
    found = list(zip(app.models.names, app.models.describe(), strict=True))
    if not found:
        return h("section", h("h2", label), h("p", visit.t("models.none"), class_="zg-note"), class_="zg-card")
    heads = [visit.t(f"models.{name}") for name in ("model", "where", "slots", "status")]
    rows = (
        h(
            "tr",
            cell(heads[0], h("b", name)),
            cell(heads[1], visit.t("models.here" if one.on_machine else "models.outside")),
            cell(heads[2], one.slots, classes="is-number"),
            cell(heads[3], chip(visit.t("models.ready"), "ok") if one.ready
                 else h("span", chip(visit.t("models.not_ready"), "warn"), " ", h("small", one.reason))),
            h("td", _buttons(visit, name, ready=one.ready)),
        )
        for name, one in found
    )  # fmt: skip
    missing = not weights_path(app.settings).is_file() and any(name.startswith("local:") for name, _ in found)
    return h(
        "section",
        h("h2", label),
        table([*heads, ""], rows, label=label),
        _weights(visit) if missing else None,
        class_="zg-card",
    )


def _buttons(visit: Visit, name: str, *, ready: bool) -> Child:
    if not visit.may("propose"):
        return None
    return h("button", visit.t("setup.test"), type="button", data_act="try-model", data_id=name, disabled=not ready,
             aria_label=visit.t("setup.test_one", name=name), class_="zg-button is-small")  # fmt: skip


def _weights(visit: Visit) -> Markup:
    size = f"{DEFAULT_WEIGHTS.size / 1e9:.1f}"
    may = visit.may("admin") and visit.app.settings.model_file is None
    return h(
        "div",
        h("p", visit.t("setup.no_weights", size=size), " ", h("code", "zhanggui models pull")),
        h("div", button(visit.t("setup.fetch"), "fetch-weights"), class_="zg-actions") if may else None,
        class_="zg-note is-warn",
    )


def _how(visit: Visit) -> Markup:
    heads = [visit.t(f"setup.{name}") for name in ("setting", "now", "means")]
    settings = visit.app.settings
    rows = (
        h(
            "tr",
            cell(heads[0], h("code", f"ZHANGGUI_{name.upper()}")),
            cell(heads[1], _value(visit, settings, name)),
            cell(heads[2], visit.t(f"setup.about_{name}")),
        )
        for name in _SETTINGS
    )
    label = visit.t("setup.how")
    examples = (
        h("div", h("h3", visit.t(f"setup.example_{name}")), h("pre", h("code", lines))) for name, lines in _EXAMPLES
    )
    return h(
        "section",
        h("h2", label),
        h("p", visit.t("setup.how_lead"), class_="zg-hint"),
        table(heads, rows, label=label),
        h("details", h("summary", visit.t("setup.examples")), *examples),
        class_="zg-card",
    )


def _value(visit: Visit, settings: Settings, name: str) -> Child:
    value = getattr(settings, name)
    if name.endswith("_key"):
        return chip(visit.t("setup.is_set"), "ok") if value else chip(visit.t("setup.not_set"))
    if isinstance(value, bool):
        return visit.t("setup.yes" if value else "setup.no")
    if name == "task_models":
        return ", ".join(f"{task} → {model}" for task, model in value.items()) or chip(visit.t("setup.not_set"))
    return str(value) if value not in (None, "") else chip(visit.t("setup.not_set"))
