"""Tables of support, and every query."""
