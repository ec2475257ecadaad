"""One run from a plan to its figures."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from federation.errors import Untrusted
from federation.tlog.checkpoint import consistency_tiles, is_fork, verify_checkpoint, verify_extends
from nic_node.simulate.course import Course
from nic_node.simulate.faults import SCHEDULES, churns, last_day, lines, publishing_days
from nic_node.simulate.figures import (
    BYTES_OF_TIME,
    Standing,
    cost_of_records,
    count_lost,
    delays,
    mean_bytes,
    per_record,
    percentile,
)
from nic_node.simulate.plan import Fault, Plan
from nic_node.simulate.school import School
from nic_node.simulate.world import World


@dataclass(frozen=True, slots=True)
class Report:
    """`document` is the answer of `nic simulate --json`."""

    document: dict[str, Any]
    delays: tuple[float, ...]
    """Seconds, sorted: how long each record took to each node."""


def simulate(plan: Plan) -> Report:
    """Run a federation; the same plan gives the same figures."""
    joining = len(churns(plan.days)) * plan.share_of_nodes(0.1) if plan.fault is Fault.CHURN else 0
    world = World(plan, capacity=plan.nodes + joining)
    course = Course(world, plan)
    course.found(lines(world))
    world.loop.run(plan.opens_at - 1.0)
    world.quiet.settle(world.loop.now)
    founding = mean_bytes(world.figures, range(plan.nodes))
    world.figures.reset()
    course.schedule(last_day(course), publishing_days(course) if plan.records_a_day else [])
    SCHEDULES[plan.fault](course)
    world.loop.run(plan.at(last_day(course), hours=1))
    world.quiet.settle(world.loop.now)
    return _report(course, sum(founding.values()))


def _report(course: Course, founding_bytes: int) -> Report:
    world, plan = course.world, course.plan
    standing, figures = world.standing(), world.figures
    records = sum(release.sequenced_at is not None for release in figures.releases)
    unsent = [release for release in figures.releases if release.sequenced_at is None]
    passed = delays(figures, standing)
    # Of those that were members all the time: who came later has received for a shorter time.
    stayed = [number for number in standing.following if number < plan.nodes]
    received = mean_bytes(figures, stayed)
    total = sum(received.values())
    frozen = [school for school in world.schools if school.is_frozen]
    document = {
        "nodes": plan.nodes,
        "fault": plan.fault.value,
        "seed": plan.seed,
        "days": last_day(course),
        "records": records,
        "converged_p50_s": percentile(passed, 0.5),
        "converged_p99_s": percentile(passed, 0.99),
        "converged_max_s": percentile(passed, 1.0),
        "published_p99_s": _published(course, 0.99),
        "bytes_per_node": total,
        "bytes_per_record": per_record(total, records),
        "bytes": received,
        "log_bytes_per_record": per_record(cost_of_records(received), records),
        "time_bytes_per_day": round(sum(received[purpose.value] for purpose in BYTES_OF_TIME) / last_day(course)),
        "founding_bytes_per_node": founding_bytes,
        "polls_per_node": round(float(figures.polls[stayed].mean())),
        "lost": count_lost(figures, standing) + sum(release.author not in world.members for release in unsent),
        "waiting": sum(release.author in world.members for release in unsent),
        "duplicated": figures.sequenced_twice + figures.held_twice,
        "copies_dropped": world.server.copies,
        "read_from_mirrors": figures.from_mirrors,
        "frozen": len(frozen),
        "evidence": sum(_is_evidence(world, school) for school in frozen),
        "alarms": len(frozen) + sum(len(school.alarms) for school in world.schools),
        "refused": _refusals(world),
        "log_size": world.server.shown.edge.size,
        "witnesses": plan.witnesses,
        "final": _share_final(world, standing),
        "shared_verdicts": plan.is_shared,
    }
    return Report(document, tuple(sorted(float(value) for value in passed)))


def _published(course: Course, share: float) -> float | None:
    """From the decision to publish to the log."""
    releases = course.world.figures.releases
    waited = [release.sequenced_at - release.made_at for release in releases if release.sequenced_at is not None]
    return percentile(np.array(waited), share)


def _is_evidence(world: World, school: School) -> bool:
    """Whether two notes alone, and the log's own tiles, prove that its key signed two histories."""
    assert school.evidence is not None
    old, new = (verify_checkpoint(note, world.rules.log_key).checkpoint for note in school.evidence)
    if is_fork(old, new):
        return True
    files = {tile.path: world.server.shown.files[tile.path] for tile in consistency_tiles(old, new)}
    try:
        verify_extends(old, new, files)
    except Untrusted:
        return True
    return False


def _refusals(world: World) -> dict[str, int]:
    """Code -> how often: by nodes and by the sequencer."""
    counted: dict[str, int] = {}
    for code in [*world.server.refused, *(code for school in world.schools for code in school.refused)]:
        counted[code.value] = counted.get(code.value, 0) + 1
    return dict(sorted(counted.items()))


def _share_final(world: World, standing: Standing) -> float:
    """Of the nodes that follow the log: those for whom all of it is final."""
    size = world.server.shown.edge.size
    final = sum(world.schools[number].final_size == size for number in standing.following)
    return round(final / len(standing.following), 3) if standing.following else 0.0
