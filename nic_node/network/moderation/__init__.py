"""Flags of members, and what coordinators decide about records and pseudonyms together."""
