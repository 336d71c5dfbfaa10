"""Use cases of marketing: load, decide, save, record."""
