"""Zhanggui (掌柜): the AI operations desk for online shops."""

__version__ = "0.1.0"
