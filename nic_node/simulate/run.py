"""One run from a plan to its figures."""

from typing import Any

import numpy as np

from federation.errors import Untrusted
from federation.tlog.checkpoint import consistency_tiles, is_fork, verify_checkpoint, verify_extends
from nic_node.simulate.course import Course
from nic_node.simulate.faults import CHURN_SHARE, SCHEDULES, churns, last_day, lines, publishing_days
from nic_node.simulate.figures import (
    BYTES_OF_TIME,
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


def simulate(plan: Plan) -> dict[str, Any]:
    """Run a federation; the same plan gives the same figures: the answer of `nic simulate --json`."""
    joining = len(churns(plan.days)) * plan.share_of_nodes(CHURN_SHARE) if plan.fault is Fault.CHURN else 0
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
    run = {"nodes": plan.nodes, "fault": plan.fault.value, "seed": plan.seed, "days": last_day(course)}
    return {
        **run,
        **_delivery(course),
        **_costs(course),
        "founding_bytes_per_node": sum(founding.values()),
        **_trust(course),
        "shared_verdicts": plan.is_shared,
    }


def _delivery(course: Course) -> dict[str, Any]:
    """What came of what members decided to publish; times in seconds."""
    world, figures = course.world, course.world.figures
    standing = world.standing()
    passed = delays(figures, standing)
    logged = [release for release in figures.releases if release.sequenced_at is not None]
    authors = [release.author for release in figures.releases if release.sequenced_at is None]
    waited = [release.sequenced_at - release.made_at for release in logged if release.sequenced_at is not None]
    return {
        "records": len(logged),
        "converged_p50_s": percentile(passed, 0.5),
        "converged_p99_s": percentile(passed, 0.99),
        "converged_max_s": percentile(passed, 1.0),
        "published_p99_s": percentile(np.array(waited), 0.99),
        # Who left takes along what was not published; who is a member still has it in the outbox.
        "lost": count_lost(figures, standing) + sum(author not in world.members for author in authors),
        "waiting": sum(author in world.members for author in authors),
        "duplicated": figures.sequenced_twice + figures.held_twice,
        "copies_dropped": world.server.copies,
        "read_from_mirrors": figures.from_mirrors,
    }


def _costs(course: Course) -> dict[str, Any]:
    """Bytes that one node received, the mean of those that were members all the time."""
    world, figures, days = course.world, course.world.figures, last_day(course)
    following = world.standing().following
    stayed = [number for number in following if number < course.plan.nodes] or list(following)
    records = sum(release.sequenced_at is not None for release in figures.releases)
    received = mean_bytes(figures, stayed)
    total = sum(received.values())
    return {
        "bytes_per_node": total,
        "bytes_per_record": per_record(total, records),
        "bytes": received,
        "log_bytes_per_record": per_record(cost_of_records(received), records),
        "time_bytes_per_day": round(sum(received[purpose.value] for purpose in BYTES_OF_TIME) / days),
        "polls_per_node": round(float(figures.polls[stayed].mean())),
    }


def _trust(course: Course) -> dict[str, Any]:
    """What nodes think of the log at the end."""
    world = course.world
    frozen = [school for school in world.schools if school.is_frozen]
    return {
        "frozen": len(frozen),
        "evidence": sum(_is_evidence(world, school) for school in frozen),
        "alarms": len(frozen) + sum(len(school.alarms) for school in world.schools),
        "refused": _refusals(world),
        "log_size": world.server.shown.edge.size,
        "witnesses": course.plan.witnesses,
        "final": _share_final(world),
    }


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


def _share_final(world: World) -> float:
    """Of the nodes that follow the log: those for whom all of it is final."""
    standing, size = world.standing(), world.server.shown.edge.size
    final = sum(world.schools[number].final_size == size for number in standing.following)
    return round(final / len(standing.following), 3) if standing.following else 0.0
