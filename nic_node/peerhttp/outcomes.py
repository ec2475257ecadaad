"""How a question to another node went, in a word: what a monitor counts, without saying who was asked or for what."""

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from aiohttp import ClientConnectorDNSError

from federation.errors import FederationError, Unreachable
from schemas.code import Code


class Outcome(StrEnum):
    ANSWERED = "answered"
    REFUSED = "refused"
    """The other side did not want it."""
    WRONG = "wrong"
    """What came, or where it led, was not what it should be."""
    CLOCK = "clock"
    """A signed request was too old or too new for the other side: one of the two clocks is wrong."""
    BUSY = "busy"
    SLOW = "slow"
    NO_NAME = "no-name"
    """Its name could not be looked up."""
    NO_CERTIFICATE = "no-certificate"
    """Its certificate is not valid, any more or at all."""
    UNREACHABLE = "unreachable"


ObservePeer = Callable[[Outcome, float, float | None], None]
"""How it went, the seconds it took, and what the other side's clock is ahead in seconds, where it told the time."""

_OF_CODE: Final = {
    Code.REQUEST_STALE: Outcome.CLOCK,
    Code.REQUEST_FROM_FUTURE: Outcome.CLOCK,
    Code.PEER_REFUSED: Outcome.REFUSED,
    Code.PEER_BUSY: Outcome.BUSY,
    Code.PEER_TIMED_OUT: Outcome.SLOW,
    Code.PEER_CERTIFICATE: Outcome.NO_CERTIFICATE,
}


def outcome_of(error: FederationError) -> Outcome:
    if isinstance(error.__cause__, ClientConnectorDNSError):
        return Outcome.NO_NAME
    return _OF_CODE.get(error.code, Outcome.UNREACHABLE if isinstance(error, Unreachable) else Outcome.WRONG)


def seconds_ahead(headers: Mapping[str, str], now: float) -> float | None:
    """What the answer's Date (RFC 9110 section 6.6.1) is ahead of `now`, in POSIX seconds; None where it says none."""
    try:
        return parsedate_to_datetime(headers["Date"]).timestamp() - now
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
