"""How far a fork is known to the network's coordinators, and what a person here may decide about it."""

from enum import StrEnum


class Telling(StrEnum):
    WAITING = "waiting"
    """The network is told as soon as it answers."""
    TOLD = "told"
    REFUSED = "refused"
    """It did not take it; the reason stands beside it."""


class Choice(StrEnum):
    KEEP = "keep"
    """Go on with the history that was followed; the other one is refused."""
    SUCCESSOR = "successor"
    """Go on with the log that follows this one."""
