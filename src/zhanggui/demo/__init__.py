"""A made-up bilingual shop for trying everything out: `make_shop` gives the same lifelike data for the same seed.

Like a connector it knows only the kernel; the doors load what it makes. Every text, brand, person, carrier and order is
invented and labelled synthetic.
"""

from zhanggui.demo.records import (
    SYNTHETIC,
    Article,
    Bilingual,
    ChatMessage,
    Conversation,
    CustomerProfile,
    DemoProduct,
    DemoShop,
    Mailing,
    MailingResult,
    OrderDetail,
    ParcelStory,
    Picture,
    Question,
    ReturnCase,
    Review,
    SalesEvent,
    SearchQuery,
    ShopSizes,
    SkuHistory,
    Supply,
)
from zhanggui.demo.shop import DEMO_TODAY, make_shop, story_day
from zhanggui.demo.telling import answers_to_mail, told_orders

__all__ = [
    "DEMO_TODAY",
    "SYNTHETIC",
    "Article",
    "Bilingual",
    "ChatMessage",
    "Conversation",
    "CustomerProfile",
    "DemoProduct",
    "DemoShop",
    "Mailing",
    "MailingResult",
    "OrderDetail",
    "ParcelStory",
    "Picture",
    "Question",
    "ReturnCase",
    "Review",
    "SalesEvent",
    "SearchQuery",
    "ShopSizes",
    "SkuHistory",
    "Supply",
    "answers_to_mail",
    "make_shop",
    "story_day",
    "told_orders",
]
