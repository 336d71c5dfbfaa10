"""Demand, stock and replenishment: forecasts with their back-tests."""

from zhanggui.planning.jobs import FORECAST_JOB, ForecastJob, schedule_planning
from zhanggui.planning.models import (
    BackTest,
    DayDemand,
    Demand,
    Forecasts,
    Frequency,
    Panel,
    Sales,
    SalesEvent,
    StockAdvice,
    StockItem,
    StoredForecast,
    WorkDay,
    Workload,
)
from zhanggui.planning.ports import DemandSource, WorkSource
from zhanggui.planning.proposals import RestockKind, propose_restock
from zhanggui.planning.rules.events import sales_events
from zhanggui.planning.rules.panel import build_panel
from zhanggui.planning.rules.stock import advise
from zhanggui.planning.service.forecasting import forecast
from zhanggui.planning.service.planner import HORIZON, ForecastRun, Outlook, OverrideScore, Planner
from zhanggui.planning.service.reading import ReadSales, read_sales
from zhanggui.planning.service.staffing import Staffing, WorkHistory, people_for, staff_of
from zhanggui.planning.service.stock_rows import read_stock_row
from zhanggui.planning.store import ForecastStore, Override, Purchase, SeriesInfo, StockStore

__all__ = [
    "FORECAST_JOB",
    "HORIZON",
    "BackTest",
    "DayDemand",
    "Demand",
    "DemandSource",
    "ForecastJob",
    "ForecastRun",
    "ForecastStore",
    "Forecasts",
    "Frequency",
    "Outlook",
    "Override",
    "OverrideScore",
    "Panel",
    "Planner",
    "Purchase",
    "ReadSales",
    "RestockKind",
    "Sales",
    "SalesEvent",
    "SeriesInfo",
    "Staffing",
    "StockAdvice",
    "StockItem",
    "StockStore",
    "StoredForecast",
    "WorkDay",
    "WorkHistory",
    "WorkSource",
    "Workload",
    "advise",
    "build_panel",
    "forecast",
    "people_for",
    "propose_restock",
    "read_sales",
    "read_stock_row",
    "sales_events",
    "schedule_planning",
    "staff_of",
]
