"""Where a draft, a release on its way, and this school in an epoch stand: the words in tables and answers."""

from enum import StrEnum
from typing import Final


class DraftKind(StrEnum):
    PROJECT = "project"
    """Becomes a practice, or a replication where the project copied one."""
    QUESTION = "question"
    ANSWER = "answer"


class DraftState(StrEnum):
    DRAFT = "draft"
    """The author looks at what would leave."""
    REVIEW = "review"
    """It waits for a second person."""
    APPROVED = "approved"
    """Signed; its release stands in the outbox."""


class OutboxState(StrEnum):
    QUEUED = "queued"
    """Waits for a slot, or for an open term in which this school has a pseudonym."""
    ON_ITS_WAY = "on-its-way"
    """Sealed and sent; not seen in the log yet."""
    IN_THE_LOG = "in-the-log"
    """Found in this node's mirror of the log."""
    FINAL = "final"
    """The log can't lose it any more."""
    REMOVED = "removed"
    """The network took it down."""
    BLOCKED = "blocked"
    """The network blocked the pseudonym that wrote it, from it or from an earlier entry on."""
    REFUSED = "refused"
    """It stands in the log, and whoever reads the log refuses its content."""
    STOPPED = "stopped"
    """A person has to look: the reason stands beside it."""


class RetractionState(StrEnum):
    HELD = "held"
    """Signed, and kept until the correction that takes the record's place can be read."""
    WAITING = "waiting"
    """Signed; not sent yet."""
    TAKEN = "taken"
    """Sent; this node's mirror still has the record."""
    REFUSED = "refused"
    """The network said that this retraction is none; the record stands, and it may be asked for again."""
    GONE = "gone"
    """The log says that it was taken back: every member erases it."""


NOT_TAKEN_BACK: Final = frozenset({RetractionState.HELD, RetractionState.REFUSED})
"""The record stands as long as nobody asks again."""


class EpochState(StrEnum):
    ASKING = "asking"
    """The pseudonym's key is made; the network was asked for a blind signature."""
    CREDENTIALED = "credentialed"
    """The signature is here and checked; the pseudonym waits to be registered."""
    REGISTERING = "registering"
    """The pseudonym was sent; not seen in the log yet."""
    REGISTERED = "registered"
    """The pseudonym stands in the log: this school can publish in this term."""
    MISSED = "missed"
    """The term opened without this school's pseudonym, or the network refused one; the next term is another try."""
