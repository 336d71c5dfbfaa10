"""What support works with: knowledge, answers, conversations. Pure."""
