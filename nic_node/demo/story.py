"""The main job from end to end, step by step; each step says what it saw."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nic_node.demo import asking, founding, replicating, school_work, sharing, witnessing
from nic_node.demo.calendar import calendar_of
from nic_node.demo.cast import Cast
from nic_node.errors import NicError

SCHOOLS_ZONE = ZoneInfo("America/New_York")
Step = tuple[str, Callable[[Cast], Awaitable[dict[str, Any]]]]
Tell = Callable[[dict[str, Any]], None]


def story() -> list[Step]:
    """The steps in their order; school A works while the epoch issues its credentials."""
    return [
        ("start", founding.start_nodes),
        ("found", founding.found_network),
        ("apply", founding.apply_to_network),
        ("approve", founding.approve_members),
        ("witnesses", witnessing.make_witnesses),
        ("epoch", sharing.open_epoch),
        ("plan", school_work.plan_and_start),
        ("measure", school_work.bring_numbers_with_every_fault),
        ("chart", school_work.look_at_chart),
        ("cycle", lambda cast: school_work.run_cycle(cast, cast.schools["harbor"])),
        ("close", lambda cast: school_work.close(cast, cast.schools["harbor"], "adopt", "reached")),
        ("open", sharing.wait_for_epoch),
        ("review", lambda cast: sharing.preview_and_review(cast, cast.schools["harbor"])),
        ("publish", lambda cast: sharing.wait_until_logged(cast.schools["harbor"])),
        ("find", replicating.find_and_start),
        ("ask", asking.ask),
        ("replicate-cedar", lambda cast: replicating.replicate(cast, "cedar")),
        ("answer", asking.answer),
        ("replicate-mill", lambda cast: replicating.replicate(cast, "mill")),
        ("thread", asking.read_thread),
        ("ledger", replicating.read_ledger),
    ]


@asynccontextmanager
async def new_cast(folder: Path) -> AsyncIterator[Cast]:
    """A cast whose node processes are stopped at the end."""
    async with AsyncExitStack() as stack:
        today = datetime.now(SCHOOLS_ZONE).date()
        yield Cast(folder=folder, calendar=calendar_of(today), stack=stack)


async def play(cast: Cast, steps: list[Step], tell: Tell) -> dict[str, dict[str, Any]] | None:
    """Run the steps until one fails.

    Returns:
        What each step saw; None when one did not hold (it was told with ok false and why).
    """
    seen: dict[str, dict[str, Any]] = {}
    for name, step in steps:
        began = time.monotonic()
        try:
            seen[name] = await step(cast)
        except Exception as error:  # noqa: BLE001 - whatever stops a step is what the check has to tell
            why = error.sentence if isinstance(error, NicError) else f"{type(error).__name__}: {error}"
            tell({"step": name, "ok": False, "seconds": _since(began), "why": why})
            return None
        tell({"step": name, "ok": True, "seconds": _since(began), **seen[name]})
    return seen


def summary_of(seen: dict[str, dict[str, Any]] | None) -> dict[str, Any]:
    """The check's last line: what the last step of the story counted."""
    if seen is None:
        return {"step": "summary", "ok": False, "schools": 0, "practices": 0, "replications": 0, "pooled": None}
    return {
        "step": "summary",
        "ok": True,
        **{name: seen["ledger"][name] for name in ("schools", "practices", "replications", "pooled")},
    }


def _since(began: float) -> float:
    return round(time.monotonic() - began, 2)
