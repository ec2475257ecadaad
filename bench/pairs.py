"""Two ways to do the same, timed in turns, so that a busy machine slows both."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Literal

CLOCKS = {"cpu": time.process_time, "wall": time.perf_counter}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A line of `make bench`; ratio = ours / reference, of medians."""

    name: str
    ratio: float
    ours: float
    reference: float
    unit: str
    better: Literal["higher", "lower"]
    clock: Literal["cpu", "wall"]
    pairs: int
    n: int

    def document(self) -> dict[str, object]:
        return asdict(self)

    def rates(self) -> "Result":
        """The same as how many a second; higher is better."""
        return replace(
            self,
            ratio=round(self.reference / self.ours, 3),
            ours=round(1e6 / self.ours, 1),
            reference=round(1e6 / self.reference, 1),
            unit="1/s",
            better="higher",
        )


def compare(
    name: str,
    ours: Callable[[], object],
    reference: Callable[[], object],
    *,
    n: int,
    clock: Literal["cpu", "wall"] = "cpu",
    pairs: int = 15,
    between: Callable[[], object] = lambda: None,
) -> Result:
    """Microseconds for one of `n` things that each call does; lower is better. `between` clears up, untimed."""
    ours()
    reference()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(pairs):
        for taken, work in zip(times, (ours, reference), strict=True):
            between()
            taken.append(_timed(work, clock) / n * 1e6)
    medians = [statistics.median(taken) for taken in times]
    return Result(
        name=name,
        ratio=round(medians[0] / medians[1], 3),
        ours=round(medians[0], 3),
        reference=round(medians[1], 3),
        unit="us",
        better="lower",
        clock=clock,
        pairs=pairs,
        n=n,
    )


def _timed(work: Callable[[], object], clock: Literal["cpu", "wall"]) -> float:
    read = CLOCKS[clock]
    gc.collect()
    gc.disable()
    try:
        started = read()
        work()
        return read() - started
    finally:
        gc.enable()
