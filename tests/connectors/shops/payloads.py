"""Payloads in the shapes that Shopify and WooCommerce send, of one invented shop."""

import base64
import copy
import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

Json = dict[str, Any]
SHOPIFY_SECRET = "shpss_0123456789abcdef0123456789abcdef"
WOO_SECRET = "woo-secret-0123456789abcdef"


def hmac_base64(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, sha256).digest()).decode()


def stamp(minutes: int) -> str:
    return (datetime(2025, 12, 1, 8, tzinfo=UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


_SHOPIFY: Json = {
    "id": 5550001, "name": "#1001", "email": "li.wei@example.com", "created_at": "2025-12-01T03:00:00-05:00",
    "processed_at": "2025-12-01T03:00:00-05:00", "updated_at": "2025-12-03T10:15:00-05:00", "cancelled_at": None,
    "cancel_reason": None, "closed_at": None, "note": "leave at the door", "currency": "USD", "taxes_included": False,
    "financial_status": "partially_refunded", "payment_gateway_names": ["shopify_payments"], "total_price": "118.60",
    "subtotal_price": "100.00", "total_tax": "8.60", "total_discounts": "10.00", "total_tip_received": "0.00",
    "total_outstanding": "0.00",
    "total_shipping_price_set": {"shop_money": {"amount": "10.00", "currency_code": "USD"}},
    "customer": {"id": 77, "first_name": "Li", "last_name": "Wei", "email": "li.wei@example.com", "phone": None},
    "shipping_address": {
        "name": "Li Wei", "address1": "12 Quay St", "address2": "Apt 4", "city": "Portland", "province": "Oregon",
        "country_code": "US", "zip": "97201", "phone": "+15035550100",
    },
    "line_items": [
        {"id": 91, "sku": "MUG-RED", "name": "Mug - red", "quantity": 2, "current_quantity": 1, "price": "30.00",
         "product_id": 501},
        {"id": 92, "sku": "LAMP", "name": "Desk lamp", "quantity": 1, "current_quantity": 1, "price": "50.00",
         "product_id": 502},
    ],
    "fulfillments": [
        {
            "id": 61, "order_id": 5550001, "status": "success", "shipment_status": "delivered",
            "created_at": "2025-12-02T09:00:00-05:00", "updated_at": "2025-12-03T10:00:00-05:00",
            "delivered_at": "2025-12-03T10:00:00-05:00", "tracking_company": "UPS", "tracking_number": "1Z999",
            "location_id": 31, "line_items": [{"id": 91, "quantity": 2}, {"id": 92, "quantity": 1}],
        }
    ],
    "refunds": [
        {
            "id": 41, "created_at": "2025-12-03T10:15:00-05:00", "note": "chipped",
            "refund_line_items": [{"line_item_id": 91, "quantity": 1, "restock_type": "return"}],
            "transactions": [{"id": 1, "kind": "refund", "status": "success", "amount": "30.00", "currency": "USD"}],
        }
    ],
}  # fmt: skip


def shopify_order(number: int = 5550001, **more: Any) -> Json:
    """An order as a webhook carries it."""
    return {**copy.deepcopy(_SHOPIFY), "id": number, "name": f"#{number}", **more}


def plain_shopify_order(number: int, minutes: int, status: str = "paid") -> Json:
    """The same order with nothing sent or refunded, changed at a minute."""
    made = shopify_order(number, financial_status=status, fulfillments=[], refunds=[], updated_at=stamp(minutes))
    made["line_items"][0]["current_quantity"] = 2
    return made


def _money(amount: Any) -> Json:
    return {"shopMoney": {"amount": amount}}


def graphql_node(rest: Json) -> Json:
    """An order of the REST shape as the GraphQL API would answer it."""
    customer, address = rest["customer"], rest["shipping_address"]
    return {
        "legacyResourceId": str(rest["id"]), "name": rest["name"], "createdAt": rest["created_at"],
        "processedAt": rest["processed_at"], "updatedAt": rest["updated_at"], "cancelledAt": rest["cancelled_at"],
        "cancelReason": None, "closedAt": rest["closed_at"], "note": rest["note"], "currencyCode": rest["currency"],
        "taxesIncluded": rest["taxes_included"], "displayFinancialStatus": rest["financial_status"].upper(),
        "paymentGatewayNames": rest["payment_gateway_names"], "totalPriceSet": _money(rest["total_price"]),
        "totalTaxSet": _money(rest["total_tax"]), "totalDiscountsSet": _money(rest["total_discounts"]),
        "totalShippingPriceSet": _money("10.0"), "totalTipReceivedSet": _money("0.0"),
        "totalOutstandingSet": _money("0.0"),
        "customer": {
            "legacyResourceId": str(customer["id"]), "displayName": "Li Wei",
            "defaultEmailAddress": {"emailAddress": customer["email"]}, "defaultPhoneNumber": None,
        },
        "shippingAddress": {**{k: v for k, v in address.items() if k != "country_code"}, "countryCodeV2": "US"},
        "lineItems": {
            "pageInfo": {"hasNextPage": False},
            "nodes": [
                {
                    "id": f"gid://shopify/LineItem/{x['id']}", "sku": x["sku"], "name": x["name"],
                    "quantity": x["quantity"], "currentQuantity": x["current_quantity"],
                    "product": {"legacyResourceId": str(x["product_id"])}, "originalUnitPriceSet": _money(x["price"]),
                }
                for x in rest["line_items"]
            ],
        },
        "fulfillments": [
            {
                "legacyResourceId": str(x["id"]), "status": "SUCCESS", "displayStatus": x["shipment_status"].upper(),
                "createdAt": x["created_at"], "updatedAt": x["updated_at"], "deliveredAt": x["delivered_at"],
                "trackingInfo": [{"company": x["tracking_company"], "number": x["tracking_number"]}],
                "location": {"legacyResourceId": str(x["location_id"])},
                "fulfillmentLineItems": {
                    "nodes": [
                        {"quantity": y["quantity"], "lineItem": {"id": f"gid://shopify/LineItem/{y['id']}"}}
                        for y in x["line_items"]
                    ]
                },
            }
            for x in rest["fulfillments"]
        ],
        "refunds": [
            {
                "legacyResourceId": str(x["id"]), "createdAt": x["created_at"], "note": x["note"],
                "refundLineItems": {
                    "nodes": [
                        {
                            "quantity": y["quantity"], "restockType": y["restock_type"].upper(),
                            "lineItem": {"id": f"gid://shopify/LineItem/{y['line_item_id']}"},
                        }
                        for y in x["refund_line_items"]
                    ]
                },
                "transactions": {
                    "nodes": [
                        {"kind": "REFUND", "status": "SUCCESS", "amountSet": _money(y["amount"])}
                        for y in x["transactions"]
                    ]
                },
            }
            for x in rest["refunds"]
        ],
    }  # fmt: skip


def woo_order(number: int = 727, minutes: int = 0, **more: Any) -> Json:
    """An order as WooCommerce's REST API and webhooks carry it."""
    made: Json = {
        "id": number, "number": str(number), "status": "processing", "currency": "EUR", "prices_include_tax": False,
        "date_created_gmt": "2025-12-01T07:00:00", "date_modified_gmt": stamp(minutes)[:-1], "discount_total": "2.00",
        "shipping_total": "5.00", "total_tax": "5.51", "total": "34.51", "customer_id": 12,
        "billing": {"first_name": "Eva", "last_name": "Maas", "email": "eva@example.com", "phone": "030 1"},
        "shipping": {
            "first_name": "Eva", "last_name": "Maas", "address_1": "Hafen 3", "address_2": "", "city": "Kiel",
            "state": "SH", "postcode": "24103", "country": "DE",
        },
        "payment_method": "stripe", "date_paid_gmt": "2025-12-01T07:01:00", "date_completed_gmt": None,
        "line_items": [
            {"id": 315, "name": "Mug", "product_id": 93, "quantity": 3, "subtotal": "20.00",
             "total": "18.00", "sku": "MUG"},
            {"id": 316, "name": "Card", "product_id": 22, "quantity": 1, "subtotal": "6.00",
             "total": "6.00", "sku": "CARD"},
        ],
        "fee_lines": [], "refunds": [], "customer_note": "",
    }  # fmt: skip
    return {**made, **more}
