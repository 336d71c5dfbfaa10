"""Example bodies of the description; a test sends each of them. Bodies that routes read raw are described here too."""

from typing import Any

from zhanggui.api.chat import SaidBody
from zhanggui.kernel.types import JsonObject

_ORDER: JsonObject = {
    "number": "1001",
    "placed_at": "2026-03-01T08:00:00Z",
    "version": "2026-03-01T08:00:00Z",
    "currency": "CNY",
    "total": {"minor": 12900, "currency": "CNY"},
    "lines": [
        {
            "id": "1",
            "sku": "kettle-blue",
            "title": "Enamel kettle",
            "quantity": 1,
            "unit_price": {"minor": 12900, "currency": "CNY"},
        }
    ],
}
_STOCK: JsonObject = {"sku": "kettle-blue", "on_hand": 12, "lead_days": 9, "cost_minor": 6100, "supplier": "Yunshan"}

# Route -> name of the example -> body.
EXAMPLES: dict[str, dict[str, Any]] = {
    "POST /copy-jobs": {"two products": {"products": ["kettle", "cup"], "channel": "shopify", "locale": "en"}},
    "POST /products/{product_id}/check-copy": {"a title": {"title": "Blue enamel kettle, 1.5 L", "locale": "en"}},
    "POST /proposals/{proposal_id}/approve": {"as it is": {}, "only approve": {"apply": False}},
    "POST /proposals/{proposal_id}/reject": {"a reason": {"reason": "The colour is wrong"}},
    "POST /proposals/{proposal_id}/undo": {"a reason": {"reason": "Typo"}},
    "POST /proposals/decide": {"two at once": {"proposals": ["prp_1", "prp_2"], "approve": True}},
    "PUT /autonomy/{kind}": {"propose": {"autonomy": "propose", "min_confidence": 0.8}},
    "POST /jobs/{job_id}/steer": {"pause": {"command": "pause"}, "try again": {"command": "retry"}},
    "POST /orders": {"one line": _ORDER},
    "POST /orders/bulk": {"one order": [_ORDER]},
    "POST /orders/{order_id}/events": {"hold": {"do": "hold", "detail": {}, "why": "Address looks odd"}},
    "POST /exceptions/handled": {"a late parcel": {"order_id": "s1:1001", "parcel_id": "p1", "kind": "late"}},
    "PUT /automations/{rule}": {"watch only": {"mode": "shadow"}},
    "POST /feedback": {
        "a review": {"source": "review", "id": "r1", "text": "The lid leaks.", "rating": 2, "product_id": "kettle"}
    },
    "POST /complaints/{complaint_id}": {"settle": {"do": "resolve", "note": "Sent a new lid"}},
    "POST /knowledge": {
        "a question": {"id": "faq-1", "title": "Do you ship abroad?", "body": "Yes, to Hong Kong.", "locale": "en"}
    },
    "POST /knowledge/ask": {"a question": {"question": "Do you ship abroad?", "locale": "en"}},
    "POST /knowledge/gaps/{gap_id}/answer": {"an answer": {"answer": "Yes, within three days."}},
    "PATCH /customers/{customer_id}": {"no more texts": {"consents": {"sms": False}, "personalised": True}},
    "POST /audiences/read": {"plain words": {"request": "bought in the last 30 days", "locale": "en"}},
    "POST /handovers/{handover_id}/messages/new": {"a reply": {"text": "I am here.", "key": "r1"}},
    "POST /chat/{merchant_id}/messages": {"a question": {"text": "你好", "key": "1", "locale": "zh-CN"}},
    "PUT /chat-channel": {"only messages in": {"secret": "at-least-16-characters"}},
    "PUT /planning/stock": {"one SKU": [_STOCK]},
    "POST /planning/restock": {"no limit": {}, "a budget": {"budget_minor": 500000}},
    "POST /planning/forecasts/{sku}/overrides": {
        "a promotion": {"first": "2026-06-16", "last": "2026-06-18", "units": 40, "reason": "618"}
    },
    "PUT /column-mappings/{what}/{name}": {"two columns": {"columns": {"Artikel": "title"}, "currency": "EUR"}},
    "POST /webhook-endpoints": {
        "decisions": {"url": "https://hooks.example.com/zhanggui", "events": ["proposal.applied", "proposal.undone"]}
    },
}

# Routes that read the body themselves: its schema.
BODIES: dict[str, Any] = {
    "POST /chat/{merchant_id}/messages": SaidBody.model_json_schema(),
    "POST /chat/{merchant_id}/webhook": {
        "type": "object",
        "required": ["type", "data"],
        "properties": {"type": {"const": "message.received"}, "data": {"type": "object"}},
    },
    "POST /webhooks/{source}/{merchant_id}/{shop_id}": {"type": "object"},
    "POST /event-webhooks/{merchant_id}/{shop_id}": {
        "type": "object",
        "required": ["data"],
        "properties": {"type": {"type": "string"}, "data": {"type": "object", "required": ["events"]}},
    },
    "POST /chat/{merchant_id}/beacon": {
        "type": "object",
        "required": ["token", "events"],
        "properties": {"token": {"type": "string"}, "events": {"type": "array", "maxItems": 50}},
    },
}

# Routes that answer with something else than JSON: the media types.
MEDIA: dict[str, tuple[str, ...]] = {
    "GET /export": ("text/csv", "text/tab-separated-values", "application/xml", "application/ld+json"),
    "GET /chat/{merchant_id}/events": ("text/event-stream",),
    "GET /metrics": ("text/plain",),
}
