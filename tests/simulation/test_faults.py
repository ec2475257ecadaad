"""A federation of a few nodes under each fault: nothing lost, nothing twice, and each fault shows what it must."""

from functools import cache
from typing import Any

import pytest

from federation.tlog.tiles import TILE_WIDTH
from nic_node.simulate.plan import DAY, HOUR, Fault, Plan
from nic_node.simulate.run import simulate

NODES = 12
POLL = 60.0


@cache
def figures(fault: Fault, *, is_shared: bool = True) -> dict[str, Any]:
    """Of a short run; that sharing verdicts changes nothing has its own test."""
    days = 8 if fault is Fault.CHURN else 4
    plan = Plan(nodes=NODES, seed=7, fault=fault, days=days, term_days=24, shares_verdicts=is_shared)
    return simulate(plan)


@pytest.mark.parametrize("fault", Fault)
def test_nothing_is_lost_or_doubled(fault: Fault) -> None:
    found = figures(fault)

    wanted = 8 * (8 if fault is Fault.CHURN else 4)
    decided = found["records"] + found["waiting"]
    assert wanted - 2 <= decided <= wanted, "who is switched off may have wanted to publish that day"
    assert (found["lost"], found["duplicated"]) == (0, 0)
    assert (found["waiting"] > 0) == (fault is Fault.FORK), "who is frozen sends nothing until a person has decided"
    assert found["final"] == 1.0
    assert found["refused"].keys() <= {"checkpoint-shrunk"}, "an old copy of a member's is passed over"


def test_a_healthy_network_converges_within_two_polls() -> None:
    found = figures(Fault.HEALTHY)

    assert 0 < found["converged_p50_s"] <= found["converged_p99_s"] <= 2 * POLL
    assert (found["frozen"], found["alarms"], found["read_from_mirrors"], found["refused"]) == (0, 0, 0, {})


def test_the_same_seed_gives_the_same_figures_and_another_one_does_not() -> None:
    one, again, other = (simulate(Plan(nodes=5, seed=seed, days=4)) for seed in (7, 7, 8))

    assert one == again
    assert one != other | {"seed": 7}


def test_shared_verdicts_change_no_figure() -> None:
    own = figures(Fault.FORK, is_shared=False)

    assert own == figures(Fault.FORK) | {"shared_verdicts": False}


def test_slow_nodes_are_late_and_miss_nothing() -> None:
    assert figures(Fault.HEALTHY)["converged_p99_s"] < figures(Fault.SLOW)["converged_p99_s"] < 10 * POLL


def test_while_the_log_is_gone_members_read_from_each_other_and_publishing_drains_after() -> None:
    found = figures(Fault.OUTAGE)

    assert found["read_from_mirrors"] >= 1
    assert found["converged_p99_s"] <= 2 * POLL
    assert found["published_p99_s"] > figures(Fault.HEALTHY)["published_p99_s"] + 12 * HOUR


def test_who_was_cut_off_has_everything_after_it_heals() -> None:
    found = figures(Fault.PARTITION)

    # The partition lasts over two ends of slots, 24 hours from the first of them to its own end.
    assert 0.9 * DAY < found["converged_p99_s"] <= DAY + 2 * POLL


def test_a_fork_freezes_those_who_saw_the_other_history_and_they_hold_the_proof() -> None:
    found = figures(Fault.FORK)

    assert found["frozen"] == found["evidence"] == found["alarms"] == 5


def test_a_node_that_was_off_for_a_term_catches_up_at_once() -> None:
    found = figures(Fault.RETURNING)

    assert found["days"] == 24 + 2 + 4
    assert found["converged_p99_s"] <= 2 * POLL


def test_who_joins_has_what_was_published_before() -> None:
    found, healthy = figures(Fault.CHURN), figures(Fault.HEALTHY)

    # One left and one came: two leaves more.
    assert found["log_size"] - found["records"] == healthy["log_size"] - healthy["records"] + 2
    assert found["converged_p99_s"] <= 2 * POLL


def test_a_network_of_two_opens_no_term() -> None:
    found = simulate(Plan(nodes=2, seed=1, days=4))

    assert (found["records"], found["converged_p99_s"], found["bytes_per_record"]) == (0, None, None)


def test_bytes_a_record_do_not_grow_with_the_nodes() -> None:
    """Over a whole bundle of records: how full the log's edge was when counting began is then no matter."""
    few, many = (simulate(Plan(nodes=nodes, seed=1, shares_verdicts=True)) for nodes in (10, 30))

    assert few["records"] == many["records"] == TILE_WIDTH
    assert many["bytes_per_record"] == pytest.approx(few["bytes_per_record"], rel=0.1)
    assert many["bytes"]["relayed"] == few["bytes"]["relayed"]
