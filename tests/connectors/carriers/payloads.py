"""Payloads of our own, shaped like the carriers' answers; numbers, places and people are invented."""

from typing import Any

AFTERSHIP = {
    "event": "tracking_update",
    "msg": {
        "tracking_number": "AS100",
        "slug": "dhl",
        "tag": "AttemptFail",
        "subtag_message": "Addressee not available",
        "expected_delivery": "2026-02-03",
        "checkpoints": [
            {
                "checkpoint_time": "2026-02-01T08:00:00+01:00",
                "tag": "InTransit",
                "message": "Arrived at hub",
                "city": "Ulm",
            },
            {
                "checkpoint_time": "2026-02-02T15:10:00+01:00",
                "tag": "AttemptFail",
                "message": "Recipient not home, card left",
                "location": "Ulm, DE",
            },
        ],
    },
}
KUAIDI100 = {
    "message": "ok",
    "nu": "YT900100200300",
    "com": "yuantong",
    "state": "14",
    "status": "200",
    "data": [
        {
            "time": "2026-03-04 18:20:00",
            "ftime": "2026-03-04 18:20:00",
            "context": "收件人拒收，快件将退回",
            "status": "拒签",
        },
        {
            "time": "2026-03-04 09:05:00",
            "ftime": "2026-03-04 09:05:00",
            "context": "【杭州市】快递员正在派件",
            "status": "派件",
            "areaName": "浙江,杭州市",
        },
        {
            "time": "2026-03-02 20:00:00",
            "ftime": "2026-03-02 20:00:00",
            "context": "【广州市】已揽收",
            "status": "揽收",
            "statusCode": "103",
        },
    ],
}
TRACK17 = {
    "event": "TRACKING_UPDATED",
    "data": {
        "number": "RR000111222CN",
        "track_info": {
            "latest_status": {"status": "Exception", "sub_status": "Exception_Lost"},
            "latest_event": {"description": "Parcel presumed lost"},
            "time_metrics": {"estimated_delivery_date": {"to": "2026-01-20T00:00:00+08:00"}},
            "tracking": {
                "providers": [
                    {
                        "events": [
                            {
                                "time_utc": "2026-01-12T03:00:00Z",
                                "description": "Parcel presumed lost",
                                "sub_status": "Exception_Lost",
                                "location": "Leipzig",
                            },
                            {
                                "time_utc": "2026-01-02T03:00:00Z",
                                "description": "Departed",
                                "sub_status": "InTransit_Departure",
                                "location": "Shenzhen",
                            },
                        ]
                    }
                ]
            },
        },
    },
}
KARRIO = {
    "tracking_number": "KA1",
    "status": "on_hold",
    "estimated_delivery": "2026-05-06",
    "events": [
        {
            "date": "2026-05-01",
            "time": "10:00",
            "description": "Held",
            "code": "OH",
            "status": "on_hold",
            "reason": "customs_duties_unpaid",
        },
        {"date": "2026-04-29", "time": "10:00", "description": "Picked up", "code": "PU", "status": "picked_up"},
    ],
}
ASENDIA = {
    "trackingNumber": "A1",
    "trackingEvents": [
        {"code": "PU", "time": "2026-01-01T10:00:00Z", "carrierEventDescription": "Collected", "locationName": "Basel"},
        {"code": "ZZ", "time": "2026-01-02T10:00:00Z", "carrierEventDescription": "Held by customs"},
    ],
}
AUSTRALIA_POST = {
    "tracking_results": [
        {"tracking_id": "BAD", "errors": [{"code": "E", "name": "Invalid tracking ID"}]},
        {
            "tracking_id": "AP2",
            "trackable_items": [
                {
                    "status": "Awaiting collection",
                    "events": [
                        {
                            "location": "PERTH WA",
                            "description": "Awaiting collection at Post Office",
                            "date": "2026-01-03T09:00:00+08:00",
                        },
                        {
                            "description": "Shipping information received by Australia Post",
                            "date": "2026-01-01T09:00:00+08:00",
                        },
                    ],
                }
            ],
        },
    ]
}
FEDEX = {
    "output": {
        "completeTrackResults": [
            {
                "trackingNumber": "F1",
                "trackResults": [
                    {
                        "trackingNumberInfo": {"trackingNumber": "F1"},
                        "latestStatusDetail": {"code": "DY", "derivedCode": "DY", "description": "Delay"},
                        "scanEvents": [
                            {
                                "date": "2026-01-05T08:00:00-05:00",
                                "eventType": "DY",
                                "eventDescription": "Delay",
                                "delayDetail": {"type": "WEATHER"},
                                "scanLocation": {"city": "BUFFALO", "stateOrProvinceCode": "NY", "countryCode": "US"},
                            }
                        ],
                        "estimatedDeliveryTimeWindow": {"window": {"ends": "2026-01-08T17:00:00-05:00"}},
                    }
                ],
            }
        ]
    }
}
HERMES = {
    "shipmentinfo": [
        {
            "shipmentID": "H1",
            "deliveryForecast": {"date": "2026-02-02"},
            "status": [
                {"timestamp": "2026-02-01T07:00:00+01:00", "code": "3000", "description": "On a delivery route."},
                {"timestamp": "2026-01-31T07:00:00+01:00", "code": "0000", "description": "Notified electronically."},
            ],
        }
    ]
}
LA_POSTE = {
    "shipment": {
        "idShip": "LP1",
        "event": [
            {"code": "RE1", "label": "Le destinataire a refusé le colis.", "date": "2026-02-02T10:00:00+01:00"},
            {"code": "PC1", "label": "Votre colis est pris en charge.", "date": "2026-02-01T10:00:00+01:00"},
        ],
    }
}
PARCEL_ONE = {
    "results": {
        "TrackingID": "PO1",
        "Status": "Delivery attempt failed",
        "StatusCode": "ATTEMPT",
        "Events": [
            {
                "DateTime": "2026-01-15T14:30:00",
                "Location": "Graz",
                "StatusCode": "ATTEMPT",
                "Description": "Business closed",
            }
        ],
    }
}
SEKO = [
    {
        "ConsignmentNo": "SK1",
        "Status": "Parcel damaged",
        "Events": [
            {
                "EventDT": "2026-03-05T08:56:22.287",
                "OmniCode": "OP-99",
                "Description": "Parcel damaged",
                "Location": "LAX",
            }
        ],
    }
]
SMART_KARGO = [
    {
        "prefix": "AB",
        "airWaybill": "1",
        "pieceReference": "p-1",
        "eventType": "DEP",
        "eventDate": "2026-01-01T10:00:00",
        "description": "Departed",
        "eventLocation": "JFK",
    },
    {
        "prefix": "AB",
        "airWaybill": "1",
        "pieceReference": "p-1",
        "eventType": "ADL",
        "eventDate": "2026-01-02T10:00:00",
        "description": "Could not be handed over",
        "eventLocation": "LAX",
    },
]
TELESHIP = {
    "status": "delivered",
    "trackingNumber": "T1",
    "events": [
        {"timestamp": "2026-01-01T10:00:00.000Z", "code": "delivered", "description": "Delivered", "location": "Leeds"}
    ],
}
UPS = {
    "trackResponse": {
        "shipment": [
            {
                "inquiryNumber": "1Z1",
                "package": [
                    {
                        "trackingNumber": "1Z1",
                        "deliveryDate": [{"type": "SDD", "date": "20260126"}],
                        "currentStatus": {
                            "type": "X",
                            "description": "The receiver was not available at the time of delivery.",
                        },
                        "activity": [
                            {
                                "location": {"address": {"city": "LYON", "countryCode": "FR"}},
                                "status": {"type": "X", "code": "48", "description": "The receiver was not available."},
                                "date": "20260125",
                                "time": "101500",
                                "gmtDate": "20260125",
                                "gmtTime": "09:15:00",
                            },
                            {
                                "status": {"type": "M", "code": "MP", "description": "Shipper created a label"},
                                "date": "20260120",
                                "time": "101500",
                            },
                        ],
                    }
                ],
            }
        ]
    }
}
USPS = {
    "trackingNumber": "94001",
    "statusCategory": "Alert",
    "status": "Held by Customs",
    "trackingEvents": [
        {
            "eventType": "Held by Customs",
            "eventTimestamp": "2026-02-02T10:00:00",
            "GMTTimestamp": "2026-02-02T15:00:00Z",
            "eventCode": "H0",
            "eventCity": "MIAMI",
            "eventState": "FL",
        }
    ],
}

# carrier, payload, number, status, reason, who is responsible, who pays
CASES: list[tuple[str, Any, str, str, str | None, str | None, str | None]] = [
    ("aftership", AFTERSHIP, "AS100", "attempt_failed", "buyer_absent", "buyer", "buyer"),
    ("kuaidi100", KUAIDI100, "YT900100200300", "refused", "buyer_refused", "buyer", "buyer"),
    ("track17", TRACK17, "RR000111222CN", "lost", "carrier_loss", "carrier", "carrier"),
    ("karrio", KARRIO, "KA1", "on_hold", "customs_duties", "customs", "buyer"),
    ("asendia", ASENDIA, "A1", "on_hold", "customs_delay", "customs", "nobody"),
    ("australiapost", AUSTRALIA_POST, "AP2", "ready_for_pickup", None, None, None),
    ("fedex", FEDEX, "F1", "delayed", "weather", "weather", "nobody"),
    ("hermes", HERMES, "H1", "out_for_delivery", None, None, None),
    ("laposte", LA_POSTE, "LP1", "returning", "buyer_refused", "buyer", "buyer"),
    ("parcelone", PARCEL_ONE, "PO1", "attempt_failed", "buyer_absent", "buyer", "buyer"),
    ("seko", SEKO, "SK1", "damaged", "carrier_damage", "carrier", "carrier"),
    ("smartkargo", SMART_KARGO, "AB1", "attempt_failed", "buyer_absent", "buyer", "buyer"),
    ("teleship", TELESHIP, "T1", "delivered", None, None, None),
    ("ups", UPS, "1Z1", "attempt_failed", "buyer_absent", "buyer", "buyer"),
    ("usps", USPS, "94001", "on_hold", "customs_delay", "customs", "nobody"),
]
