"""What coordinators may do about a record, and where a proposal stands."""

from enum import StrEnum


class Act(StrEnum):
    MODERATE = "moderate"
    """Take a record down."""
    BLOCK = "block"
    """Refuse a pseudonym's records from an index on."""
    DISMISS = "dismiss"
    """Leave a flagged record as it is; one coordinator's decision, which newer flags open again."""


class CaseState(StrEnum):
    OPEN = "open"
    """Waits for as many coordinators as the policy asks for."""
    DONE = "done"
    """Carried out: its leaf is in the log, or on its way there."""
    WITHDRAWN = "withdrawn"
    """Whoever proposed it took it back, and nobody else had said yes."""
    MOOT = "moot"
    """The record went by itself meanwhile."""
