"""Demand, stock and replenishment: forecasts with their back-tests."""

from zhanggui.planning.models import BackTest, Forecasts, Frequency, Panel, Sales
from zhanggui.planning.rules.panel import build_panel
from zhanggui.planning.service.forecasting import forecast
from zhanggui.planning.service.reading import ReadSales, read_sales

__all__ = [
    "BackTest",
    "Forecasts",
    "Frequency",
    "Panel",
    "ReadSales",
    "Sales",
    "build_panel",
    "forecast",
    "read_sales",
]
