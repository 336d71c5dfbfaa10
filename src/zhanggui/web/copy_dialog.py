"""The dialog that starts a job of listing copy; catalogue and product page share it."""

from collections.abc import Iterable

from zhanggui.catalog import CHANNELS, LOCALES, VoiceStore
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.web.frame import Frame, Values
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import dialog, field_text, select
from zhanggui.web.session import Visit

DIALOG = "write-copy"


def voice_names(uow: UnitOfWork) -> tuple[str, ...]:
    """Saved voices, the plain one first."""
    return ("default", *(voice.name for voice in VoiceStore(uow).all() if voice.name != "default"))


def copy_dialog(visit: Visit, voices: tuple[str, ...], *, everything: bool) -> Markup:
    """Where for, in which language and voice; `everything` offers the whole catalogue too."""
    whole = None
    if everything:
        whole = h("label", h("input", type="checkbox", name="all", value="1"), " ", visit.t("copy.all"))
    return dialog(
        visit,
        DIALOG,
        visit.t("copy.dialog_title"),
        h(
            "form",
            h("p", visit.t("copy.lead" if visit.app.models.available("catalog.copy") else "copy.no_model"),
              class_="zg-hint"),
            select("channel", visit.t("copy.channel"), "plain", _named(visit, "channel", CHANNELS)),
            select("locale", visit.t("copy.locale"), visit.locale, _named(visit, "locale", LOCALES)),
            select("voice", visit.t("copy.voice"), "default",
                   [(one, visit.t("copy.plain_voice") if one == "default" else one) for one in voices]),
            whole,
            h("div", h("button", visit.t("copy.start"), class_="zg-button is-main"), class_="zg-actions"),
            data_act="write-copy",
            class_="zg-form",
        ),
    )  # fmt: skip


def _named(visit: Visit, area: str, words: Iterable[str]) -> list[tuple[str, str]]:
    return [(word, visit.name_of(area, word)) for word in words]


async def start_copy(frame: Frame, values: Values, products: list[str]) -> None:
    """Start the job and say where to watch it.

    Raises:
        BadInput: no product is chosen.
    """
    visit = frame.visit
    arguments: JsonObject = {
        "channel": field_text(values, "channel"),
        "locale": field_text(values, "locale"),
        "voice": field_text(values, "voice") or "default",
        "products": [*products],
    }
    if field_text(values, "all"):
        arguments["all"] = True

    def begin(uow: UnitOfWork) -> str:
        return visit.app.jobs.start(uow, "listing-copy", arguments)

    job = await frame.write("propose", begin)
    watch = h("a", visit.t("copy.watch"), href=f"/jobs?id={job}", class_="zg-button")
    frame.say(visit.t("copy.started"), action=watch)
