"""Decisions of orders as pure functions: policy engine, life cycle, tracking, risk."""
