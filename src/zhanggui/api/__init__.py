"""The HTTP API: one router file per capability; parse, call, render."""

from zhanggui.api.build import API_PREFIX, add_api

__all__ = ["API_PREFIX", "add_api"]
