"""What is counted during a run, and what a run comes to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nic_node.simulate.reading import Purpose

BYTES_OF_TIME = (Purpose.POLLS, Purpose.COPIES, Purpose.HINTS, Purpose.RELAYED)
"""What being a member costs, whether or not anything is published; the rest is the cost of records."""


@dataclass(slots=True)
class Release:
    """A record that a school decided to publish; times are Unix seconds, None where that has not happened."""

    number: int
    author: int
    made_at: float
    sealed: tuple[bytes, bytes] | None = None
    record_id: str | None = None
    kind: str = "practice"
    sent_slot: int | None = None
    sequenced_at: float | None = None
    is_found: bool = False
    """By its author's own node, in its own mirror."""


@dataclass(slots=True)
class Figures:
    """Arrays by the number of the node; `held_at` by release, then node, nan where a node lacks it."""

    capacity: int
    releases: list[Release] = field(default_factory=list)
    by_blob: dict[str, Release] = field(default_factory=dict)
    held_at: list[NDArray[np.float64]] = field(default_factory=list)
    received: dict[Purpose, NDArray[np.float64]] = field(default_factory=dict)
    polls: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    founding_bytes: float = 0.0
    sequenced_twice: int = 0
    held_twice: int = 0
    from_mirrors: int = 0

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin counting bytes anew."""
        self.received = {purpose: np.zeros(self.capacity) for purpose in Purpose}
        self.polls = np.zeros(self.capacity)

    def bill(self, node: int, purpose: Purpose, size: float) -> None:
        self.received[purpose][node] += size

    def add(self, release: Release) -> None:
        self.releases.append(release)
        self.held_at.append(np.full(self.capacity, np.nan))

    def is_held(self, release: Release, node: int) -> bool:
        return not np.isnan(self.held_at[release.number][node])

    def hold(self, blob_sha256: str, node: int, now: float) -> None:
        """A node took a record into its library."""
        release = self.by_blob[blob_sha256]
        if self.is_held(release, node):
            self.held_twice += 1
            return
        self.held_at[release.number][node] = now

    def forget(self, node: int) -> None:
        """A node lost its library."""
        for held in self.held_at:
            held[node] = np.nan

    def sequenced(self, blob_sha256: str, record_id: str, now: float) -> None:
        """A record has its place in the log and is published."""
        release = self.by_blob[blob_sha256]
        if release.sequenced_at is not None:
            self.sequenced_twice += 1
            return
        release.sequenced_at, release.record_id = now, record_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Nodes at the end: from when each ran, and which of them follow the log still."""

    started_at: Sequence[float]
    following: Sequence[int]


def delays(figures: Figures, standing: Standing) -> NDArray[np.float64]:
    """Seconds from sequencing, or from when the node began to run where that is later, to its library."""
    started = np.full(figures.capacity, np.inf)
    started[: len(standing.started_at)] = standing.started_at
    found = []
    for release, held in zip(figures.releases, figures.held_at, strict=True):
        if release.sequenced_at is not None:
            passed = held - np.maximum(started, release.sequenced_at)
            # Who left, or was switched off, after it had the record, is no matter of the time since its return.
            found.append(np.maximum(passed[~np.isnan(held)], 0.0))
    return np.concatenate(found) if found else np.empty(0)


def count_lost(figures: Figures, standing: Standing) -> int:
    """Records of the log that one of the nodes that follow it lacks."""
    following = list(standing.following)
    lost = 0
    for release, held in zip(figures.releases, figures.held_at, strict=True):
        if release.sequenced_at is not None:
            lost += bool(np.isnan(held[following]).any())
    return lost


def percentile(values: NDArray[np.float64], share: float) -> float | None:
    return round(float(np.quantile(values, share)), 1) if len(values) else None


def mean_bytes(figures: Figures, nodes: Sequence[int]) -> dict[str, int]:
    """Received by one node, by purpose."""
    return {purpose.value: round(float(figures.received[purpose][list(nodes)].mean())) for purpose in Purpose}


def per_record(value: float, records: int) -> int | None:
    return round(value / records) if records else None


def cost_of_records(received: dict[str, Any]) -> int:
    return sum(size for purpose, size in received.items() if purpose not in BYTES_OF_TIME)
