"""`zhanggui batch ...`: every capability on files. A public contract; see docs/guides/batch.md."""

from typing import Annotated

from zhanggui.cli.lines import In, Line, Out, Summary, each, run_lines, text_of
from zhanggui.cli.options import lazy_group, option
from zhanggui.kernel.privacy import redact as redact_text
from zhanggui.kernel.types import Locale

LocaleOption = Annotated[Locale, option(help="Language of the text.")]


def redact(source: In = "-", target: Out = "-", locale: LocaleOption = "zh-CN", summary: Summary = None) -> None:
    """Find personal data in texts and replace it."""

    def one(line: Line) -> Line:
        clean, spans = redact_text(text_of(line, "text"), locale)
        return {
            "text": clean,
            "spans": [{"start": s.start, "end": s.end, "type": s.type, "text": s.text} for s in spans],
        }

    run_lines(source, target, each(one), summary=summary)


cli = lazy_group(
    "Files in, files out: no server, no database needed.",
    {
        "answer": "zhanggui.cli.batch_answer:answer",
        "check-copy": "zhanggui.cli.batch_copy:check_copy",
        "copy": "zhanggui.cli.batch_copy:copy",
        "forecast": "zhanggui.cli.batch_forecast:forecast_sales",
        "intent": "zhanggui.cli.batch_text:intent",
        "keywords": "zhanggui.cli.batch_keywords:keywords",
        "late-risk": "zhanggui.cli.batch_late:late",
        "match-questions": "zhanggui.cli.batch_replies:match_questions",
        "orders": "zhanggui.cli.batch_orders:orders",
        "rank-replies": "zhanggui.cli.batch_replies:rank_replies",
        "recommend": "zhanggui.cli.batch_recommend:recommend",
        "redact": "zhanggui.cli.batch:redact",
        "related": "zhanggui.cli.batch_related:related",
        "sentiment": "zhanggui.cli.batch_text:sentiment",
        "track": "zhanggui.cli.batch_track:track",
        "uplift": "zhanggui.cli.batch_uplift:uplift",
    },
)
