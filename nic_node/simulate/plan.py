"""What a simulated federation does in its time, as a table of choices; what goes wrong there has a name each."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from nic_node.config import POLL_SECONDS
from schemas.policy import DAY_SECONDS, POLICY_DEFAULTS, POLICY_FLOORS

OPENS_AT: Final = datetime(2026, 9, 1, tzinfo=UTC)
"""When the first term opens: the beginning of a slot."""
HOUR: Final = 3_600.0
DAY: Final = float(DAY_SECONDS)
SETTLING: Final = HOUR
"""From the founding to the opening: all nodes read what was founded."""

DAYS: Final = 32
"""With 8 records a day as many as fill a bundle: what the log's edge costs does not depend on where counting began."""
RECORDS_A_DAY: Final = 8
AUTHORS: Final = 32
"""So many members have a pseudonym; the others read, relay, and send envelopes that say nothing."""
WITNESSES: Final = 7
LEAST_NODES: Final = 2
MOST_NODES: Final = 100_000
LEAST_DAYS: Final = 4
DRAIN_DAYS: Final = 4
"""After the last day of publishing: what is late is sent again after three slots."""
SHARES_FROM: Final = 1_000
"""So many nodes share the verdicts on the same bytes; fewer come to each by themselves."""


class Fault(StrEnum):
    HEALTHY = "healthy"
    SLOW = "slow"
    """A third of the nodes: seconds a request, a narrow line, a tenth of all answers lost."""
    OUTAGE = "outage"
    """The network's server is gone for a day, over the end of a slot."""
    PARTITION = "partition"
    """Three nodes in ten reach only each other for 36 hours."""
    FORK = "fork"
    """The log signs two histories and shows one of them to half of the members."""
    RETURNING = "returning"
    """A tenth of the nodes is switched off for a term."""
    CHURN = "churn"
    """A tenth of the members leaves every week, and as many come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run. `days` are those on which members publish, `term_days` is how long the first term takes records."""

    nodes: int
    seed: int
    fault: Fault = Fault.HEALTHY
    days: int = DAYS
    term_days: int = POLICY_DEFAULTS["active_seconds"] // DAY_SECONDS
    poll_seconds: float = POLL_SECONDS
    shares_verdicts: bool | None = None
    """None: from SHARES_FROM nodes on."""

    @property
    def is_shared(self) -> bool:
        return self.nodes >= SHARES_FROM if self.shares_verdicts is None else self.shares_verdicts

    @property
    def authors(self) -> int:
        return min(AUTHORS, self.nodes)

    @property
    def witnesses(self) -> int:
        return min(WITNESSES, self.nodes)

    @property
    def records_a_day(self) -> int:
        """None where too few members take part for a term to open."""
        return min(RECORDS_A_DAY, self.authors) if self.authors >= POLICY_FLOORS["min_issued"] else 0

    @property
    def opens_at(self) -> float:
        return OPENS_AT.timestamp()

    def at(self, day: float, hours: float = 0.0) -> float:
        """A moment by the days since the first term opened."""
        return self.opens_at + day * DAY + hours * HOUR

    def share_of_nodes(self, share: float) -> int:
        """A share of the nodes, at least one."""
        return max(1, round(self.nodes * share))
