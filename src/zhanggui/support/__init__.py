"""Customer service: answers with sources, or an honest hand-over."""
