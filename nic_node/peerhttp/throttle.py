"""How often a sender may be refused: whoever earns refusal upon refusal is told to wait, before anything is looked at.

In memory and for this process alone: what is refused costs no write, and a restart forgives.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from federation.errors import Untrusted
from nic_node.errors import TooMany
from nic_node.i18n import N_

REFUSALS_A_WINDOW: Final = 60
WINDOW: Final = timedelta(minutes=1)
MOST_SENDERS: Final = 10_000
WAIT: Final = N_("Too much of what came from here was refused. Wait a minute, then send what is right.")


class Throttle:
    """Counts refusals by sender and minute; a name says what was sent too, so that one door does not close another."""

    def __init__(self) -> None:
        self._window: datetime | None = None
        self._refused: dict[str, int] = {}

    @contextmanager
    def watching(self, sender: str, now: datetime) -> Iterator[None]:
        """Around the handling of one request.

        Raises:
            TooMany: the sender was refused too often in this minute.
        """
        self.verify(sender, now)
        try:
            yield
        except Untrusted:
            self._count(sender)
            raise

    @contextmanager
    def counting(self, sender: str, now: datetime) -> Iterator[None]:
        """Where a name is shared by good and bad, and looking costs little: what is right passes all the same.

        Raises:
            TooMany: in the place of one more refusal.
        """
        try:
            yield
        except Untrusted:
            self.verify(sender, now)
            self._count(sender)
            raise

    def verify(self, sender: str, now: datetime) -> None:
        """Raises TooMany: the sender was refused too often in this minute."""
        self._begin(now)
        if self._refused.get(sender, 0) >= REFUSALS_A_WINDOW:
            raise TooMany(WAIT, round(WINDOW.total_seconds()))

    def _count(self, sender: str) -> None:
        # Beyond so many senders nobody new is counted: memory is not theirs to fill.
        if sender in self._refused or len(self._refused) < MOST_SENDERS:
            self._refused[sender] = self._refused.get(sender, 0) + 1

    def _begin(self, now: datetime) -> None:
        if self._window is None or not timedelta() <= now - self._window < WINDOW:
            self._window, self._refused = now, {}
