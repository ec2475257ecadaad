"""Membership as one declarative table of moves (federation protocol, 'Trust and membership')."""

from collections.abc import Mapping
from types import MappingProxyType

APPLIED = "applied"
APPROVED = "approved"
SUSPENDED = "suspended"
REVOKED = "revoked"
LEFT = "left"
EXPIRED = "expired"
REJECTED = "rejected"
WITHDRAWN = "withdrawn"

MOVES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        APPLIED: frozenset({APPROVED, REJECTED, WITHDRAWN}),
        APPROVED: frozenset({SUSPENDED, REVOKED, LEFT, EXPIRED}),
        SUSPENDED: frozenset({APPROVED, REVOKED, LEFT, EXPIRED}),
        EXPIRED: frozenset({APPLIED}),
        LEFT: frozenset({APPLIED}),
        REJECTED: frozenset({APPLIED}),
        WITHDRAWN: frozenset({APPLIED}),
        REVOKED: frozenset({APPLIED}),  # after an appeal that was granted
    }
)
STATES = tuple(MOVES)


def is_legal_move(from_state: str, to_state: str) -> bool:
    """Whether a membership may go from one state to another."""
    return to_state in MOVES.get(from_state, frozenset())
