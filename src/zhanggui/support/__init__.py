"""Customer service: answers with sources, or an honest hand-over."""

from zhanggui.support.jobs import (
    CHAT_ANSWERS_JOB,
    CHAT_CHANNEL_JOB,
    CHAT_HEARING_JOB,
    CHAT_WATCH_JOB,
    ChatAnswersJob,
    ChatChannelJob,
    ChatHearingJob,
    ChatWatchJob,
    schedule_chat,
    tell_platform,
)
from zhanggui.support.models.answers import Answer, Candidate, Citation, Decision
from zhanggui.support.models.complaints import (
    COMPLAINT_KINDS,
    COMPLAINT_STATES,
    MOOD_GROUPS,
    SOURCES,
    URGENCIES,
    Complaint,
    Digest,
    Feedback,
    Finding,
    Mood,
    MoodGroup,
    MoodTrend,
    Quote,
)
from zhanggui.support.models.conversation import (
    Conversation,
    Handover,
    HandState,
    Macro,
    Message,
    Outcome,
    Received,
    TopicReport,
)
from zhanggui.support.models.knowledge import ARTICLE_KINDS, Article, ArticleKind, Overlap, Passage
from zhanggui.support.models.matching import Match
from zhanggui.support.models.replies import Choice, Exchange, Ranking
from zhanggui.support.proposals import REVIEW_REPLY, KnowledgeArticleKind, ReviewReplyKind, propose_review_reply
from zhanggui.support.rules.complaints import find_complaint
from zhanggui.support.rules.handover import hours_json
from zhanggui.support.rules.knowledge_reading import SUFFIXES as KNOWLEDGE_SUFFIXES
from zhanggui.support.rules.knowledge_reading import ReadKnowledge, language_of, read_knowledge
from zhanggui.support.rules.matching import Pair, fold_question, read_pairs
from zhanggui.support.rules.replies import read_exchanges
from zhanggui.support.service.agent import Agent, Helpers
from zhanggui.support.service.answer_index import AnswerIndex
from zhanggui.support.service.answer_vectors import AnswerVectors
from zhanggui.support.service.answering import Answerer
from zhanggui.support.service.channel import ChannelView, ChatChannel, new_secret
from zhanggui.support.service.chat import Chat
from zhanggui.support.service.complaints import ComplaintDesk
from zhanggui.support.service.conversations import Conversations, ConversationView, Inbound
from zhanggui.support.service.handover import Handovers, office_hours, visible, with_note
from zhanggui.support.service.hearing import ChatEars
from zhanggui.support.service.intents import IntentModel
from zhanggui.support.service.kept_vectors import KeptVectors
from zhanggui.support.service.knowledge import (
    KnowledgeDesk,
    KnowledgeOutcome,
    article_versions,
    count_articles,
    dismiss_gap,
    edit_article,
    find_articles,
    find_overlaps,
    gap_draft,
    import_knowledge,
    open_gaps,
    restore_version,
    save_article,
    withdraw_article,
)
from zhanggui.support.service.listening import ModelListener
from zhanggui.support.service.matching import QuestionMatcher
from zhanggui.support.service.mood import mood_trends, weekly_digest
from zhanggui.support.service.replies import PlainReplies, ReplyRanker
from zhanggui.support.store.complaints import ComplaintStore, MoodStore
from zhanggui.support.store.knowledge import Gap, Saved
from zhanggui.support.store.people import ComplaintPeople, ConversationPeople
from zhanggui.support.tools import ToolFact, tool_list

__all__ = [
    "ARTICLE_KINDS",
    "CHAT_ANSWERS_JOB",
    "CHAT_CHANNEL_JOB",
    "CHAT_HEARING_JOB",
    "CHAT_WATCH_JOB",
    "COMPLAINT_KINDS",
    "COMPLAINT_STATES",
    "KNOWLEDGE_SUFFIXES",
    "MOOD_GROUPS",
    "REVIEW_REPLY",
    "SOURCES",
    "URGENCIES",
    "Agent",
    "Answer",
    "AnswerIndex",
    "AnswerVectors",
    "Answerer",
    "Article",
    "ArticleKind",
    "Candidate",
    "ChannelView",
    "Chat",
    "ChatAnswersJob",
    "ChatChannel",
    "ChatChannelJob",
    "ChatEars",
    "ChatHearingJob",
    "ChatWatchJob",
    "Choice",
    "Citation",
    "Complaint",
    "ComplaintDesk",
    "ComplaintPeople",
    "ComplaintStore",
    "Conversation",
    "ConversationPeople",
    "ConversationView",
    "Conversations",
    "Decision",
    "Digest",
    "Exchange",
    "Feedback",
    "Finding",
    "Gap",
    "HandState",
    "Handover",
    "Handovers",
    "Helpers",
    "Inbound",
    "IntentModel",
    "KeptVectors",
    "KnowledgeArticleKind",
    "KnowledgeDesk",
    "KnowledgeOutcome",
    "Macro",
    "Match",
    "Message",
    "ModelListener",
    "Mood",
    "MoodGroup",
    "MoodStore",
    "MoodTrend",
    "Outcome",
    "Overlap",
    "Pair",
    "Passage",
    "PlainReplies",
    "QuestionMatcher",
    "Quote",
    "Ranking",
    "ReadKnowledge",
    "Received",
    "ReplyRanker",
    "ReviewReplyKind",
    "Saved",
    "ToolFact",
    "TopicReport",
    "article_versions",
    "count_articles",
    "dismiss_gap",
    "edit_article",
    "find_articles",
    "find_complaint",
    "find_overlaps",
    "fold_question",
    "gap_draft",
    "hours_json",
    "import_knowledge",
    "language_of",
    "mood_trends",
    "new_secret",
    "office_hours",
    "open_gaps",
    "propose_review_reply",
    "read_exchanges",
    "read_knowledge",
    "read_pairs",
    "restore_version",
    "save_article",
    "schedule_chat",
    "tell_platform",
    "tool_list",
    "visible",
    "weekly_digest",
    "with_note",
    "withdraw_article",
]
