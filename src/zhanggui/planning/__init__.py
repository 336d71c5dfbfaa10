"""Demand, stock and replenishment: forecasts with their back-tests."""
