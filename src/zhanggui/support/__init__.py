"""Customer service: answers with sources, or an honest hand-over."""

from zhanggui.support.models.answers import Answer, Candidate, Citation, Decision
from zhanggui.support.models.knowledge import Article, Passage
from zhanggui.support.models.matching import Match
from zhanggui.support.models.replies import Choice, Exchange, Ranking
from zhanggui.support.rules.knowledge_reading import SUFFIXES as KNOWLEDGE_SUFFIXES
from zhanggui.support.rules.knowledge_reading import ReadKnowledge, language_of, read_knowledge
from zhanggui.support.rules.matching import Pair, fold_question, read_pairs
from zhanggui.support.rules.replies import read_exchanges
from zhanggui.support.service.answer_index import AnswerIndex
from zhanggui.support.service.answer_vectors import AnswerVectors
from zhanggui.support.service.answering import Answerer
from zhanggui.support.service.matching import QuestionMatcher
from zhanggui.support.service.replies import PlainReplies, ReplyRanker

__all__ = [
    "KNOWLEDGE_SUFFIXES",
    "Answer",
    "AnswerIndex",
    "AnswerVectors",
    "Answerer",
    "Article",
    "Candidate",
    "Choice",
    "Citation",
    "Decision",
    "Exchange",
    "Match",
    "Pair",
    "Passage",
    "PlainReplies",
    "QuestionMatcher",
    "Ranking",
    "ReadKnowledge",
    "ReplyRanker",
    "fold_question",
    "language_of",
    "read_exchanges",
    "read_knowledge",
    "read_pairs",
]
