"""Everything that speaks an outside format or protocol: one folder each, mapping as pure functions."""
