"""`zhanggui demo`: a made-up shop, one day of operations on it, then the console."""

import secrets
import shutil
import threading
from pathlib import Path
from typing import Annotated

from zhanggui.app import App, build, weights_path
from zhanggui.cli import common
from zhanggui.cli.common import out
from zhanggui.cli.demo_day import Day, play
from zhanggui.cli.demo_load import LOGIN, MERCHANT, Stage, StoryClock, load_shop
from zhanggui.cli.options import option
from zhanggui.demo import ShopSizes, make_shop, story_day
from zhanggui.kernel.errors import ZhangguiError
from zhanggui.kernel.llm import DEFAULT_WEIGHTS, pull
from zhanggui.settings import Settings

# A shop that is drawn and taken in within seconds.
_SIZES = ShopSizes(
    customers=1_400, days=330, orders_per_day=8.0, reviews=900, questions=80, conversations=60, searches=600
)  # fmt: skip


def demo(
    serve: Annotated[bool, option("--serve/--no-serve", help="Open the console afterwards.")] = True,
    port: Annotated[int | None, option(min=0, max=65535, help="Port of the console; 0 takes a free one.")] = None,
    seed: Annotated[int, option(help="Another seed, another shop.")] = 7,
    model_drafts: Annotated[int, option(min=0, max=80, help="Drafts by the model, when its weights are here.")] = 2,
) -> None:
    """Make a synthetic bilingual shop in a folder of its own, run one day on it, then serve the console."""
    usual = common.settings()
    folder = usual.data_dir / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    clock = StoryClock()
    app = build(_demo_settings(folder, weights_path(usual)), clock=clock)
    password = secrets.token_urlsafe(9)
    with out.status("Drawing the shop …"):
        stage = Stage(app, make_shop(seed, story_day(clock.now()), _SIZES), clock)
        load_shop(stage, password)
    with out.status("One day of operations …"):
        day = play(stage, model_drafts)
    _print(stage, day)
    if not serve:
        app.close()
        return
    _serve(app, password, port)


def _serve(app: App, password: str, port: int | None) -> None:
    # Imported here: the web framework takes longer to load than most commands take to run.
    from zhanggui.api.logs import set_up_logs
    from zhanggui.server import free_port, make_server, run_server

    _fetch_weights_meanwhile(app)
    _warm_answers_meanwhile(app)
    chosen = app.settings.port if port is None else port
    chosen = chosen or free_port(app.settings.host)
    out.print(f"\nConsole: http://{app.settings.host}:{chosen}/   login: {LOGIN}   password: {password}", markup=False)
    set_up_logs(app.settings.log_format, "warning")
    run_server(make_server(app), host=app.settings.host, port=chosen)


def _demo_settings(folder: Path, weights: Path) -> Settings:
    return common.settings(data_dir=folder, database_url="", merchant=MERCHANT, model_file=weights)


def _print(stage: Stage, day: Day) -> None:
    products = 2 * len(stage.shop.products)
    out.print(f"{products} products in two shops (synthetic), a picture for each", markup=False)
    for line in day.lines:
        out.print(line, markup=False, highlight=False)


def _warm_answers_meanwhile(app: App) -> None:
    """The knowledge is embedded once; whoever chats first should not wait for it."""

    def warm() -> None:
        try:
            app.knowledge.answer(MERCHANT, "多久发货？")
        except ZhangguiError as failed:
            common.err.print(f"answers are not ready: {failed.message}", markup=False)

    threading.Thread(target=warm, name="answers", daemon=True).start()


def _fetch_weights_meanwhile(app: App) -> None:
    target = weights_path(app.settings)
    if target.is_file() or not app.models.describe():
        return
    out.print(f"Fetching the model meanwhile ({DEFAULT_WEIGHTS.size / 1e9:.1f} GB); it writes once it is here.")

    def fetch() -> None:
        try:
            pull(DEFAULT_WEIGHTS, target.parent)
        except ZhangguiError as failed:
            common.err.print(f"the model could not be fetched: {failed.message}", markup=False)

    threading.Thread(target=fetch, name="weights", daemon=True).start()
