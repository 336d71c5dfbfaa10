"""Customers, audiences, recommendations, campaigns with measured lift."""
