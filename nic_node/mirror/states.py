"""How a log stands, and how a record in it stands, as words in tables and answers."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

STALE_AFTER: Final = timedelta(minutes=15)
"""A live log that could not be read for so long is shown as stale."""


class LogState(StrEnum):
    NEW = "new"
    BACKFILLING = "backfilling"
    LIVE = "live"
    STALE = "stale"
    """Live, but not heard of for STALE_AFTER; never stored, since it comes by waiting."""
    ENDED = "ended"
    """Another log of the network follows it: kept and read, asked for no more."""
    FROZEN = "frozen"
    """The log signed two histories; a person has to look."""


class RecordState(StrEnum):
    WANTED = "wanted"
    """Its leaf is accepted, its blob was not asked for yet."""
    LIVING = "living"
    HELD = "held"
    """Living when the backup was made that was restored; shown again once the log was read and still has it."""
    UNRECOGNISED = "unrecognised"
    """Of a term with fewer members than this school recognises: kept, not shown, shown again when it does."""
    WITHHELD = "withheld"
    """Its blob was not served where it should be; asked for again and again."""
    REFUSED = "refused"
    """Its blob is the one that was committed to, and breaks a rule."""
    NEWER = "newer"
    """Its blob is kept until a newer program can read it."""
    GONE = "gone"
    """Taken back by its author or taken down by the network; the blob is erased."""
    BLOCKED = "blocked"
    """By a pseudonym that was blocked from there on; the blob is erased."""
