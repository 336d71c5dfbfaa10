"""Products and their listing copy: import, write, prove against the attributes, publish, undo."""
