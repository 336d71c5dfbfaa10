"""Use cases of support: load, decide, save, record."""
