"""`zhanggui batch ...`: every capability on files. A public contract; see docs/guides/batch.md."""

from typing import Annotated

from zhanggui.cli import (
    batch_answer,
    batch_copy,
    batch_forecast,
    batch_keywords,
    batch_late,
    batch_orders,
    batch_recommend,
    batch_related,
    batch_replies,
    batch_text,
    batch_track,
    batch_uplift,
)
from zhanggui.cli.lines import In, Line, Out, Summary, each, run_lines, text_of
from zhanggui.cli.options import group, option
from zhanggui.kernel.privacy import redact as redact_text
from zhanggui.kernel.types import Locale

cli = group("Files in, files out: no server, no database needed.")
LocaleOption = Annotated[Locale, option(help="Language of the text.")]


@cli.command()
def redact(source: In = "-", target: Out = "-", locale: LocaleOption = "zh-CN", summary: Summary = None) -> None:
    """Find personal data in texts and replace it."""

    def one(line: Line) -> Line:
        clean, spans = redact_text(text_of(line, "text"), locale)
        return {
            "text": clean,
            "spans": [{"start": s.start, "end": s.end, "type": s.type, "text": s.text} for s in spans],
        }

    run_lines(source, target, each(one), summary=summary)


cli.command("answer")(batch_answer.answer)
cli.command("copy")(batch_copy.copy)
cli.command("check-copy")(batch_copy.check_copy)
cli.command("forecast")(batch_forecast.forecast_sales)
cli.command("orders")(batch_orders.orders)
cli.command("recommend")(batch_recommend.recommend)
cli.command("related")(batch_related.related)
cli.command("track")(batch_track.track)
cli.command("late-risk")(batch_late.late)
cli.command("keywords")(batch_keywords.keywords)
cli.command("sentiment")(batch_text.sentiment)
cli.command("intent")(batch_text.intent)
cli.command("uplift")(batch_uplift.uplift)
cli.command("rank-replies")(batch_replies.rank_replies)
cli.command("match-questions")(batch_replies.match_questions)
