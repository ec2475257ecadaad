"""What one process of one node counts while it runs: requests that it answers, and questions that it asks.

Plain dictionaries, since all of it happens in one event loop: a request costs a microsecond. Labels come from closed
lists alone, so that no stranger can make them many.
"""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterator
from statistics import median
from typing import Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from nic_node.peerhttp.outcomes import Outcome

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds, in seconds."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
CLOCKS_HEARD: Final = 15
"""Of the last so many answers the middle one is believed: a single liar does not move it."""


class Durations:
    """A histogram for each value of a label."""

    def __init__(self, name: str, says: str, label: str) -> None:
        self._name, self._says, self._label = name, says, label
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS) + 1))
        self._seconds: dict[str, float] = defaultdict(float)

    def add(self, value: str, seconds: float) -> None:
        self._counts[value][bisect_left(BUCKETS, seconds)] += 1
        self._seconds[value] += seconds

    def family(self) -> Metric:
        family = HistogramMetricFamily(self._name, self._says, labels=[self._label])
        for value, counts in sorted(self._counts.items()):
            total, buckets = 0, []
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
                total += count
                buckets.append((bound, float(total)))
            family.add_metric([value], buckets, self._seconds[value])
        return family


class Counted(Collector):
    """Of one node; several live in one process, so each has its own and none stands in the library's registry."""

    def __init__(self) -> None:
        self._requests: dict[tuple[str, str, str], int] = defaultdict(int)
        self._request_seconds = Durations("nic_http_request_seconds", "What answering a request took.", "route")
        self._asked: dict[str, int] = dict.fromkeys(Outcome, 0)
        self._asked_seconds = Durations("nic_peer_request_seconds", "What asking another node took.", "outcome")
        self._clocks: deque[float] = deque(maxlen=CLOCKS_HEARD)

    def request(self, told: str, method: str, status: int, seconds: float) -> None:
        """`nic_node.web.application.Observe`."""
        self._requests[told, method if method in METHODS else "other", f"{status // 100}xx"] += 1
        self._request_seconds.add(told, seconds)

    def asked(self, outcome: Outcome, seconds: float, ahead: float | None) -> None:
        """`nic_node.peerhttp.outcomes.ObservePeer`."""
        self._asked[outcome] += 1
        self._asked_seconds.add(outcome, seconds)
        if ahead is not None:
            self._clocks.append(ahead)

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "nic_http_requests", "Requests that were answered.", labels=["route", "method", "status"]
        )
        for labels, count in sorted(self._requests.items()):
            requests.add_metric(labels, count)
        yield requests
        yield self._request_seconds.family()
        asked = CounterMetricFamily("nic_peer_requests", "Questions to other nodes, by outcome.", labels=["outcome"])
        for outcome, count in self._asked.items():
            asked.add_metric([outcome], count)
        yield asked
        yield self._asked_seconds.family()
        if self._clocks:
            says = "What other nodes' clocks are ahead of this one: the middle of the last answers."
            yield GaugeMetricFamily("nic_clock_behind_seconds", says, value=median(self._clocks))
