"""Webhooks out: what happens is told to addresses that the merchant registers, signed, until it is heard."""

from zhanggui.kernel.webhooks.jobs import WEBHOOKS_JOB, WebhooksJob, schedule_webhooks
from zhanggui.kernel.webhooks.models import EVENTS, Carrier, Endpoint, MessageState, NewEndpoint, OutMessage, Sealer
from zhanggui.kernel.webhooks.service import PAUSES, Webhooks, last_answers

__all__ = [
    "EVENTS",
    "PAUSES",
    "WEBHOOKS_JOB",
    "Carrier",
    "Endpoint",
    "MessageState",
    "NewEndpoint",
    "OutMessage",
    "Sealer",
    "Webhooks",
    "WebhooksJob",
    "last_answers",
    "schedule_webhooks",
]
