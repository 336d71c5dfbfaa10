"""Customers, audiences, recommendations, campaigns with measured lift."""

from zhanggui.marketing.service.uplift import Trial, UpliftModel, answer_json, read_trial, uplift_lines

__all__ = [
    "Trial",
    "UpliftModel",
    "answer_json",
    "read_trial",
    "uplift_lines",
]
