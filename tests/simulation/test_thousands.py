"""Federations of thousands of nodes, each fault; apart from the other tests, since it takes many minutes."""

import pytest

from nic_node.simulate.plan import Fault, Plan
from nic_node.simulate.run import simulate

pytestmark = pytest.mark.long


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("nodes", [100, 1_000])
def test_nothing_is_lost_or_doubled(nodes: int, fault: Fault) -> None:
    found = simulate(Plan(nodes=nodes, seed=1, fault=fault))

    assert (found["lost"], found["duplicated"], found["final"]) == (0, 0, 1.0)
    assert (found["waiting"] > 0) == (fault is Fault.FORK), "who is frozen sends nothing until a person has decided"
    assert found["frozen"] == found["evidence"] == (nodes // 2 if fault is Fault.FORK else 0)


def test_neither_delay_nor_cost_grows_with_the_nodes() -> None:
    found = [simulate(Plan(nodes=nodes, seed=1)) for nodes in (10, 100, 1_000, 10_000)]

    costs = [each["bytes_per_record"] for each in found]
    assert max(costs) <= 1.1 * min(costs)
    assert all(each["converged_p99_s"] <= 120 for each in found)
    assert all((each["lost"], each["duplicated"]) == (0, 0) for each in found)
