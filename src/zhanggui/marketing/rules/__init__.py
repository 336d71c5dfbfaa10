"""Decisions of marketing as pure functions: measures of customers, audiences, tests of campaigns, uplift curves."""
