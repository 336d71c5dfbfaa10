"""Customers, audiences, recommendations, campaigns with measured lift."""

from zhanggui.marketing.jobs import (
    RECOMMEND_JOB,
    REFRESH_JOB,
    RecommendJob,
    RefreshCustomersJob,
    schedule_marketing,
)
from zhanggui.marketing.models.audiences import CHANNELS, FIELDS, Definition, Reading, Vocabulary
from zhanggui.marketing.models.campaigns import Campaign, Outcome, Variant
from zhanggui.marketing.models.customers import CustomerRecord, Identity, PastOrder
from zhanggui.marketing.models.events import EVENT_KINDS, EventProblem, EventsTaken
from zhanggui.marketing.models.recommendation import EventLog, Protocol, Recommendation, RecommendReason
from zhanggui.marketing.models.serving import SERVE_KINDS, Answer, Question, Served, ServeKind
from zhanggui.marketing.proposals import CampaignKind
from zhanggui.marketing.rules.audiences import definition_json, parse_definition, say_definition
from zhanggui.marketing.rules.messages import check_form, sms_pages
from zhanggui.marketing.service.audiences import (
    AudienceReader,
    Counted,
    count_audience,
    definition_of,
    overlap,
    save_audience,
    vocabulary_of,
)
from zhanggui.marketing.service.campaigns import (
    Message,
    draft_campaign,
    measure_campaign,
    outcome_json,
    parse_campaign,
    stop_campaign,
    take_messages,
    write_texts,
)
from zhanggui.marketing.service.customers import (
    Refreshed,
    allow_channel,
    erase_customer,
    export_customer,
    may_personalise,
    refresh_customers,
    switch_personalisation,
    tag_customer,
)
from zhanggui.marketing.service.events import MOST_EVENTS, read_rows, take_events, take_page_events
from zhanggui.marketing.service.people import MarketingPeople
from zhanggui.marketing.service.recommend_events import events_of, read_events, read_users
from zhanggui.marketing.service.recommending import RecommendModel
from zhanggui.marketing.service.serving import Recommender
from zhanggui.marketing.service.uplift import Trial, UpliftModel, answer_json, read_trial, uplift_lines
from zhanggui.marketing.service.wiring import Marketing
from zhanggui.marketing.store.campaigns import AudienceStore, CampaignStore, SavedAudience, StartedCampaign
from zhanggui.marketing.store.customers import CustomerStore, count_customers
from zhanggui.marketing.store.events import EventStore

__all__ = [
    "CHANNELS",
    "EVENT_KINDS",
    "FIELDS",
    "MOST_EVENTS",
    "RECOMMEND_JOB",
    "REFRESH_JOB",
    "SERVE_KINDS",
    "Answer",
    "AudienceReader",
    "AudienceStore",
    "Campaign",
    "CampaignKind",
    "CampaignStore",
    "Counted",
    "CustomerRecord",
    "CustomerStore",
    "Definition",
    "EventLog",
    "EventProblem",
    "EventStore",
    "EventsTaken",
    "Identity",
    "Marketing",
    "MarketingPeople",
    "Message",
    "Outcome",
    "PastOrder",
    "Protocol",
    "Question",
    "Reading",
    "RecommendJob",
    "RecommendModel",
    "RecommendReason",
    "Recommendation",
    "Recommender",
    "RefreshCustomersJob",
    "Refreshed",
    "SavedAudience",
    "ServeKind",
    "Served",
    "StartedCampaign",
    "Trial",
    "UpliftModel",
    "Variant",
    "Vocabulary",
    "allow_channel",
    "answer_json",
    "check_form",
    "count_audience",
    "count_customers",
    "definition_json",
    "definition_of",
    "draft_campaign",
    "erase_customer",
    "events_of",
    "export_customer",
    "may_personalise",
    "measure_campaign",
    "outcome_json",
    "overlap",
    "parse_campaign",
    "parse_definition",
    "read_events",
    "read_rows",
    "read_trial",
    "read_users",
    "refresh_customers",
    "save_audience",
    "say_definition",
    "schedule_marketing",
    "sms_pages",
    "stop_campaign",
    "switch_personalisation",
    "tag_customer",
    "take_events",
    "take_messages",
    "take_page_events",
    "uplift_lines",
    "vocabulary_of",
    "write_texts",
]
