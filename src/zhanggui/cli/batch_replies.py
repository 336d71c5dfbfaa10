"""`batch rank-replies` and `batch match-questions`: which reply fits, and whether two questions ask the same.

Both may learn from a file of the shop's own (`--train`): JSON Lines, a JSON list, tab-separated or CSV, in any usual
encoding. Field names are taken as the public sets write them; see docs/guides/batch.md.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from zhanggui.cli.lines import In, Line, Out, Result, Summary, list_of, run_lines, text_of
from zhanggui.cli.options import option
from zhanggui.connectors.training_rows import read_rows
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.retrieval import CachedEmbedder, NanoEmbedder
from zhanggui.support import (
    Choice,
    Pair,
    PlainReplies,
    QuestionMatcher,
    ReplyRanker,
    fold_question,
    read_exchanges,
    read_pairs,
)

TrainOption = Annotated[Path | None, option(help="Your own past rows to learn from (JSON Lines, tab-separated, CSV).")]
SeedOption = Annotated[int, option(help="Seed of the training.")]
MOST_CANDIDATES = 1_000
_CHUNK = 512


def rank_replies(
    source: In = "-",
    target: Out = "-",
    train: TrainOption = None,
    seed: SeedOption = 0,
    summary: Summary = None,
) -> None:
    """Rank candidate replies to a conversation, best first; learnt from past exchanges, or by likeness without any."""
    ranker = PlainReplies() if train is None else ReplyRanker.fit(read_exchanges(read_rows(train)), seed=seed)

    def many(lines: Sequence[Line]) -> Iterator[Result]:
        choices = [_choice(line) for line in lines]
        rankings = iter(ranker.rank([choice for choice in choices if isinstance(choice, Choice)]))
        for choice in choices:
            if isinstance(choice, BadInput):
                yield choice
                continue
            ranking = next(rankings)
            yield {"ranking": list(ranking.order), "scores": list(ranking.scores)}

    run_lines(source, target, many, chunk=_CHUNK, summary=summary)


def match_questions(
    source: In = "-",
    target: Out = "-",
    train: TrainOption = None,
    seed: SeedOption = 0,
    summary: Summary = None,
) -> None:
    """Tell whether two questions ask the same; learnt from labelled pairs, or by likeness without any."""
    embedder = CachedEmbedder(NanoEmbedder())
    matcher = (
        QuestionMatcher.plain(embedder)
        if train is None
        else QuestionMatcher.fit(read_pairs(read_rows(train)), embedder, seed=seed)
    )

    def many(lines: Sequence[Line]) -> Iterator[Result]:
        pairs = [_pair(line) for line in lines]
        matches = iter(matcher.match([pair for pair in pairs if isinstance(pair, Pair)]))
        for pair in pairs:
            if isinstance(pair, BadInput):
                yield pair
                continue
            match = next(matches)
            yield {"same": match.same, "score": match.score}

    run_lines(source, target, many, chunk=_CHUNK, summary=summary)


def _choice(line: Line) -> Choice | BadInput:
    try:
        context, candidates = list_of(line, "context"), list_of(line, "candidates")
        if not candidates or len(candidates) > MOST_CANDIDATES:
            expected = f"1 to {MOST_CANDIDATES} replies"
            raise BadInput(field="candidates", expected=expected, found=str(len(candidates)))
    except BadInput as bad:
        return bad
    return Choice(tuple(context), tuple(candidates))


def _pair(line: Line) -> Pair | BadInput:
    try:
        a, b = (fold_question(text_of(line, name)) for name in ("a", "b"))
        for name, text in (("a", a), ("b", b)):
            if not text:
                raise BadInput(field=name, expected="a question that is not empty", found=repr(line.get(name))[:40])
    except BadInput as bad:
        return bad
    return Pair(a, b)
