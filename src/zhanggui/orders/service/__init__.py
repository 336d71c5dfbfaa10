"""Use cases of orders: load, decide, save, record."""
