"""Membership as one declarative table of moves (federation protocol, 'Trust and membership')."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

APPLIED = "applied"
APPROVED = "approved"
SUSPENDED = "suspended"
REVOKED = "revoked"
LEFT = "left"
EXPIRED = "expired"
REJECTED = "rejected"
WITHDRAWN = "withdrawn"


class By(StrEnum):
    """Who makes a move."""

    SCHOOL = "school"
    COORDINATOR = "coordinator"
    """Any one of them."""
    QUORUM = "quorum"
    """As many distinct coordinators as the policy's `approvals_required`, once every check passes."""
    APPEAL = "appeal"
    """Two distinct coordinators; one where a network has one, after 14 days in which members see it."""
    TERM = "term"
    """Nobody: the term ended."""


MOVES: Mapping[str, Mapping[str, By]] = MappingProxyType(
    {
        APPLIED: {APPROVED: By.QUORUM, REJECTED: By.COORDINATOR, WITHDRAWN: By.SCHOOL},
        APPROVED: {SUSPENDED: By.COORDINATOR, REVOKED: By.COORDINATOR, LEFT: By.SCHOOL, EXPIRED: By.TERM},
        SUSPENDED: {APPROVED: By.COORDINATOR, REVOKED: By.COORDINATOR, LEFT: By.SCHOOL, EXPIRED: By.TERM},
        EXPIRED: {APPLIED: By.SCHOOL},
        LEFT: {APPLIED: By.SCHOOL},
        REJECTED: {APPLIED: By.SCHOOL},
        WITHDRAWN: {APPLIED: By.SCHOOL},
        REVOKED: {APPLIED: By.APPEAL},
    }
)
STATES = tuple(MOVES)


def is_legal_move(from_state: str, to_state: str) -> bool:
    """Whether a membership may go from one state to another."""
    return to_state in MOVES.get(from_state, {})


def who_moves(from_state: str, to_state: str) -> By | None:
    """Who makes this move; None where nobody may."""
    return MOVES.get(from_state, {}).get(to_state)


def moves_by(by: By, from_state: str) -> frozenset[str]:
    """Where `by` may move a membership that stands in this state."""
    return frozenset(to_state for to_state, who in MOVES.get(from_state, {}).items() if who is by)
