"""Small models of text that train in seconds and run on any processor."""
