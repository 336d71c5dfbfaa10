"""Customers, audiences, recommendations, campaigns with measured lift."""

from zhanggui.marketing.models.recommendation import EventLog, Protocol, Recommendation, RecommendReason
from zhanggui.marketing.service.recommend_events import events_of, read_events, read_users
from zhanggui.marketing.service.recommending import RecommendModel
from zhanggui.marketing.service.uplift import Trial, UpliftModel, answer_json, read_trial, uplift_lines

__all__ = [
    "EventLog",
    "Protocol",
    "RecommendModel",
    "RecommendReason",
    "Recommendation",
    "Trial",
    "UpliftModel",
    "answer_json",
    "events_of",
    "read_events",
    "read_trial",
    "read_users",
    "uplift_lines",
]
