"""Databases as each delivered revision left them, filled by the demo: what an upgrade starts from (README.md)."""
