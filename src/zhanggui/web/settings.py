"""Settings: how far each kind may go by itself, voices, channels, providers, staff, tokens."""

from dataclasses import dataclass

from zhanggui.app import App
from zhanggui.catalog import Voice, VoiceStore
from zhanggui.desk import AUTONOMY_LEVELS, PROMOTION, Agreement, Autonomy, KindSettings, promotion_allowed
from zhanggui.kernel.access import ROLES, SCOPES, Role, Scope, Staff, Token
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.web import frame as frames
from zhanggui.web import settings_views as views
from zhanggui.web.frame import Frame, Region, Values, title
from zhanggui.web.markup import h
from zhanggui.web.models import providers
from zhanggui.web.parts import field_text


@dataclass
class Panel:
    """The parts that are redrawn after a change."""

    frame: Frame
    levels: Region
    voices: Region
    people: Region
    tokens: Region


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/settings", "settings", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    sections = ("autonomy", "voices", "channels", "providers", "staff", "tokens")
    links = (h("a", visit.t(f"settings.{name}"), href=f"#{name}") for name in sections)
    Region("zg-main-part").show(title(visit.t("settings.title"), lead=visit.t("settings.lead")),
                                h("nav", *links, class_="zg-tabs", aria_label=visit.t("settings.title")))  # fmt: skip
    levels, voices = Region("zg-main-part"), Region("zg-main-part")
    Region("zg-main-part").show(views.channels(visit), h("div", providers(visit), id="providers"))
    panel = Panel(frame, levels, voices, Region("zg-main-part"), Region("zg-main-part"))
    _answer_levels(panel)
    _answer_voices(panel)
    _answer_people(panel)
    _answer_tokens(panel)
    await _show_levels(panel)
    await _show_voices(panel)
    if visit.may("admin"):
        await _show_people(panel)
        await _show_tokens(panel)


async def _show_levels(panel: Panel) -> None:
    def load(uow: UnitOfWork) -> list[tuple[KindSettings, Agreement]]:
        return panel.frame.visit.app.desk.autonomies.all(uow)

    rows = await panel.frame.write("read", load)  # may demote a kind that no longer deserves its level
    allowed = {agreement.kind: promotion_allowed(agreement, PROMOTION)[0] for _, agreement in rows}
    panel.levels.show(views.levels(panel.frame.visit, rows, allowed))


def _answer_levels(panel: Panel) -> None:
    async def change(values: Values) -> None:
        kind, chosen = str(values.get("kind")), field_text(values, "autonomy")
        level: list[Autonomy] = [one for one in AUTONOMY_LEVELS if one == chosen]
        if not level:
            raise BadInput(field="autonomy", expected=" | ".join(AUTONOMY_LEVELS), found=chosen)
        sure, hours = _number(values, "min_confidence"), _number(values, "expire_hours")
        autonomies = panel.frame.visit.app.desk.autonomies
        await panel.frame.write(
            "admin",
            lambda uow: autonomies.set(
                uow, kind, autonomy=level[0], min_confidence=sure / 100, expire_hours=round(hours)
            ),
        )
        await _show_levels(panel)
        panel.frame.say(panel.frame.visit.t("settings.saved"))

    panel.frame.on("level", change)


def _number(values: Values, name: str) -> float:
    text = field_text(values, name)
    try:
        return float(text)
    except ValueError as wrong:
        raise BadInput(field=name, expected="a number", found=text) from wrong


async def _show_voices(panel: Panel) -> None:
    def load(uow: UnitOfWork) -> tuple[Voice, ...]:
        return VoiceStore(uow).all()

    panel.voices.show(views.voices(panel.frame.visit, await panel.frame.read(load)))


def _answer_voices(panel: Panel) -> None:
    frame = panel.frame

    async def save(values: Values) -> None:
        name = field_text(values, "name").strip()
        if not name or len(name) > 100:
            raise BadInput(field="name", expected="1 to 100 characters", found=name)
        voice = Voice(name, field_text(values, "style").strip()[:2000], _lines(values, "examples"),
                      _lines(values, "forbidden"))  # fmt: skip
        await frame.write("propose", lambda uow: VoiceStore(uow).save(voice))
        await _show_voices(panel)
        frame.say(frame.visit.t("settings.saved"))

    async def delete(values: Values) -> None:
        name = str(values.get("id"))
        await frame.write("propose", lambda uow: VoiceStore(uow).delete(name))
        await _show_voices(panel)

    frame.on("voice-save", save)
    frame.on("voice-delete", delete)


def _lines(values: Values, name: str) -> tuple[str, ...]:
    found = (line.strip()[:1000] for line in field_text(values, name).splitlines())
    return tuple(line for line in found if line)[:50]


async def _show_people(panel: Panel) -> None:
    def load(uow: UnitOfWork) -> tuple[Staff, ...]:
        return panel.frame.visit.app.access.staff(uow)

    panel.people.show(views.people(panel.frame.visit, await panel.frame.read(load)))


def _answer_people(panel: Panel) -> None:
    frame, access = panel.frame, panel.frame.visit.app.access

    async def add(values: Values) -> None:
        login, password, wanted = (field_text(values, name) for name in ("login", "password", "role"))
        role: list[Role] = [one for one in ROLES if one == wanted]
        if not role:
            raise BadInput(field="role", expected=" | ".join(ROLES), found=wanted)
        await frame.write("admin", lambda uow: access.add_staff(uow, login.strip(), password=password, role=role[0]))
        await _show_people(panel)
        frame.say(frame.visit.t("settings.added", name=login.strip()))

    async def password(values: Values) -> None:
        login, fresh = str(values.get("login")), field_text(values, "password")
        await frame.write("admin", lambda uow: access.change_password(uow, login, password=fresh))
        frame.say(frame.visit.t("settings.saved"))

    async def disable(values: Values) -> None:
        login = str(values.get("id"))
        await frame.write("admin", lambda uow: access.disable_staff(uow, login))
        await _show_people(panel)

    for name, handler in (("staff-add", add), ("staff-password", password), ("staff-disable", disable)):
        frame.on(name, handler)


async def _show_tokens(panel: Panel, secret: str = "") -> None:
    def load(uow: UnitOfWork) -> tuple[Token, ...]:
        return panel.frame.visit.app.access.tokens(uow)

    panel.tokens.show(views.tokens(panel.frame.visit, await panel.frame.read(load), secret))


def _answer_tokens(panel: Panel) -> None:
    frame, access = panel.frame, panel.frame.visit.app.access

    async def issue(values: Values) -> None:
        name, fields = field_text(values, "name"), values.get("fields")
        # NiceGUI leaves this type open.
        wanted: list[object] = fields.get("scopes", []) if isinstance(fields, dict) else []  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        scopes: tuple[Scope, ...] = tuple(scope for scope in SCOPES if scope in wanted)
        _, secret = await frame.write("admin", lambda uow: access.issue_token(uow, name, scopes=scopes))
        await _show_tokens(panel, secret)

    async def revoke(values: Values) -> None:
        token = str(values.get("id"))
        await frame.write("admin", lambda uow: access.revoke_token(uow, token))
        await _show_tokens(panel)

    frame.on("token-issue", issue)
    frame.on("token-revoke", revoke)
