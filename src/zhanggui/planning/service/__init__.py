"""Planning's use cases: read sales, forecast, keep, propose what to buy."""
