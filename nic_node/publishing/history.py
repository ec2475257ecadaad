"""The stage that holds a correction against what this school released of the same project before.

Two versions that differ by a few students tell about these students. So a version with other results waits for the
policy's days, and is refused where the group differs by one to nine students from any earlier version.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.disclosure.draft import Draft, Finding
from nic_node.disclosure.snapshot import Snapshot, load_snapshot
from nic_node.membership.local import LocalNode
from nic_node.publishing.released import released_record
from nic_node.publishing.tables import DraftRow, Release

FEWEST_APART: Final = 10
"""Groups that differ by fewer students than this, and differ, are told apart by subtraction."""
RESULTS: Final = ("measures", "direction", "aim_result", "rung", "context")
Group = tuple[str, str, str, bool, int]


async def history_findings(
    session: AsyncSession, node: LocalNode, row: DraftRow, draft: Draft, *, policy: Mapping[str, Any], now: datetime
) -> list[Finding]:
    """What stands against a draft that corrects release `row.corrects`, given every version before it."""
    earlier = [await session.get_one(Release, version["release_id"]) for version in row.earlier or ()]
    findings = []
    if len(earlier) >= policy["versions_per_practice"]:
        findings.append(_block("too-many-versions", source=str(policy["versions_per_practice"])))
    if not earlier or not _has_other_results(released_record(node, earlier[-1]), draft.record):
        return findings
    free_from = earlier[-1].approved_at + timedelta(days=policy["version_gap_days"])
    if now < free_from:
        findings.append(_block("too-soon", source=free_from.date().isoformat()))
    if any(_differs_by_few(load_snapshot(version["snapshot"]), draft.snapshot) for version in row.earlier or ()):
        findings.append(_block("group-differs-by-few"))
    return findings


def _block(code: str, *, source: str | None = None) -> Finding:
    return Finding("history", code, "block", "", source=source)


def _has_other_results(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return any(before.get(name) != after.get(name) for name in RESULTS)


def _differs_by_few(before: Snapshot, after: Snapshot) -> bool:
    sizes = dict(_sizes(before))
    return any(0 < abs(size - sizes.get(group, size)) < FEWEST_APART for group, size in _sizes(after))


def _sizes(snapshot: Snapshot) -> Iterator[tuple[Group, int]]:
    """(measure, group, point and period, how many people it counted)."""
    for measure in snapshot.measures:
        for is_comparison, points in ((False, measure.points), (True, measure.comparison)):
            for point in points:
                for place, period in enumerate(point.periods):
                    if period.n is not None:
                        yield (measure.measure, measure.group, point.at, is_comparison, place), period.n
