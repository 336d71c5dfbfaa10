"""A newcomer's first hour, whole: `make newcomer`. `driving` is what runs in the clone's own environment."""
