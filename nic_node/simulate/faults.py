"""What goes wrong, and when. Days are counted from the opening of the first term; slots end at midnight."""

from collections.abc import Callable, Mapping
from functools import partial

from nic_node.simulate.course import SEQUENCING, Course
from nic_node.simulate.founding import entity_of
from nic_node.simulate.plan import DRAIN_DAYS, Fault
from nic_node.simulate.reading import Line
from nic_node.simulate.world import World

SLOW_SHARE = 1 / 3
CUT_OFF_SHARE = 0.3
CUT_OFF_HOURS = 36
OUTAGE_HOURS = 24
AWAY_SHARE = 0.1
CHURN_SHARE = 0.1
WEEK_DAYS = 7
FIRST_CHURN_DAY = 3.5


def publishing_days(course: Course) -> list[int]:
    plan = course.plan
    if plan.fault is Fault.RETURNING:
        half = plan.days // 2
        return [*range(half), *range(plan.term_days, plan.term_days + plan.days - half)]
    return list(range(plan.days))


def last_day(course: Course) -> int:
    return publishing_days(course)[-1] + 1 + DRAIN_DAYS


def churns(days: int) -> list[float]:
    """The days on which members come and go."""
    return [FIRST_CHURN_DAY + week * WEEK_DAYS for week in range(days) if FIRST_CHURN_DAY + week * WEEK_DAYS < days]


def lines(world: World) -> list[Line]:
    """A line a node."""
    plan = world.plan
    drawn = [Line.drawn(world.rng) for _ in range(plan.nodes)]
    if plan.fault is Fault.SLOW:
        for number in world.rng.sample(range(plan.nodes), plan.share_of_nodes(SLOW_SHARE)):
            drawn[number] = Line.slow(world.rng)
    return drawn


def schedule_nothing(course: Course) -> None:
    """No fault, or one that is there from the beginning."""


def schedule_outage(course: Course) -> None:
    """The server goes two hours before a slot ends; some nodes were off since before the last records came.

    They come back meanwhile, the first of them with an empty mirror, as a member does that has just joined.
    """
    world, plan = course.world, course.plan
    day = plan.days // 2
    off = set(world.rng.sample(range(plan.nodes), plan.share_of_nodes(AWAY_SHARE)))
    world.loop.call_at(plan.at(day - 1, 22), partial(world.switch_off, off))
    world.loop.call_at(plan.at(day, 22), partial(_switch_network, world, is_up=False))
    world.loop.call_at(plan.at(day + 1, 4), partial(world.wipe, min(off)))
    world.loop.call_at(plan.at(day + 1, 4), partial(world.switch_on, off))
    world.loop.call_at(plan.at(day, 22 + OUTAGE_HOURS), partial(_switch_network, world, is_up=True))
    world.loop.call_at(plan.at(day, 22 + OUTAGE_HOURS) + SEQUENCING, course.sequence)


def _switch_network(world: World, *, is_up: bool) -> None:
    def change() -> None:
        world.reach.is_network_up = is_up

    world.change(change)


def schedule_partition(course: Course) -> None:
    world, plan = course.world, course.plan
    begins = plan.at(plan.days // 2, 12)
    cut_off = set(world.rng.sample(range(plan.nodes), plan.share_of_nodes(CUT_OFF_SHARE)))
    world.loop.call_at(begins, partial(world.cut_off, cut_off))
    world.loop.call_at(begins + CUT_OFF_HOURS * 3_600, partial(world.join_again, cut_off))


def schedule_fork(course: Course) -> None:
    """A slot's leaves are signed in two orders; a day later all are shown the one that the witnesses cosigned."""
    world, plan = course.world, course.plan
    others = range(plan.witnesses, plan.nodes) or range(1, plan.nodes)
    sees_other = set(world.rng.sample(others, min(len(others), plan.nodes // 2)))
    # Just before a slot is sequenced.
    world.loop.call_at(plan.at(plan.days // 2) + SEQUENCING / 2, partial(course.fork_to.update, sees_other))


def schedule_return(course: Course) -> None:
    """Some nodes are off from the middle of the first publishing time to the middle of the second, a term later."""
    world, plan = course.world, course.plan
    course.schedule_second_term()
    quarter = plan.days / 4
    away: set[int] = set()
    world.loop.call_at(plan.at(quarter), partial(_go_away, course, away))
    world.loop.call_at(plan.at(plan.term_days + quarter), lambda: world.switch_on(away))


def _go_away(course: Course, away: set[int]) -> None:
    world = course.world
    free = _without_duties(world)
    away |= set(world.rng.sample(free, min(len(free), world.plan.share_of_nodes(AWAY_SHARE))))
    world.switch_off(away)


def _without_duties(world: World) -> list[int]:
    """Members that wait for nothing of their own: a school closes when its work is done."""
    boxes = world.publishing.outboxes
    return [number for number in sorted(world.members) if number not in boxes or boxes[number].is_empty]


def schedule_churn(course: Course) -> None:
    for day in churns(course.plan.days):
        course.world.loop.call_at(course.plan.at(day), partial(_churn, course))


def _churn(course: Course) -> None:
    world = course.world
    free, count = _without_duties(world), world.plan.share_of_nodes(CHURN_SHARE)
    leaving = sorted(world.rng.sample(free, min(len(free), count)))
    joining = range(len(world.schools), len(world.schools) + len(leaving))
    rows = world.server.shown.state.rows
    jkts = {number: member.jkt for number in leaving if (member := rows.find_member(entity_of(number)))}
    world.server.append([world.founding.leave(number, jkt) for number, jkt in jkts.items()])
    world.server.append([world.founding.admit(number) for number in joining])
    world.members.difference_update(leaving)
    world.switch_off(set(leaving))
    for _ in joining:
        world.add_school()
    world.publish()


SCHEDULES: Mapping[Fault, Callable[[Course], None]] = {
    Fault.HEALTHY: schedule_nothing,
    Fault.SLOW: schedule_nothing,
    Fault.OUTAGE: schedule_outage,
    Fault.PARTITION: schedule_partition,
    Fault.FORK: schedule_fork,
    Fault.RETURNING: schedule_return,
    Fault.CHURN: schedule_churn,
}
