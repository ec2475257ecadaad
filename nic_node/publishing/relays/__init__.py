"""Relays: other members that carry this school's envelopes, and this node as one of theirs."""
