"""Linear programmes against the cells that a table withholds, on random tables; without its guard they succeed."""

import random

import pytest

from nic_node.disclosure.feasible import Known, feasible_interval
from nic_node.disclosure.withhold import LEAST_DOUBT, TableCell, show_table

TABLES = 150


def random_table(seed):
    chance = random.Random(seed)
    cells = []
    for index in range(chance.randint(2, 12)):
        n = chance.choice([chance.randint(0, 14), chance.randint(10, 120)])
        cells.append(TableCell({"group": str(index)}, n, chance.randint(0, n)))
    return cells


def recovered(cells, shown):
    """For each withheld cell, what the whole programme over all cells leaves of its n and of its x.

    Unlike the audit, it has a variable for every cell, and takes nothing to be alike.
    """
    size = len(cells)
    totals = [
        (dict.fromkeys(range(size), 1.0), float(sum(cell.n for cell in cells))),
        ({size + index: 1.0 for index in range(size)}, float(sum(cell.x for cell in cells))),
    ]
    for index, (cell, out) in enumerate(zip(cells, shown, strict=True)):
        if out.suppressed is None:
            totals += [({index: 1.0}, float(cell.n)), ({size + index: 1.0}, float(cell.x))]
    limits = [({size + index: 1.0, index: -1.0}, 0.0) for index in range(size)]
    known = Known(2 * size, totals, limits)
    withheld = [index for index, out in enumerate(shown) if out.suppressed]
    return {index: (feasible_interval(index, known), feasible_interval(size + index, known)) for index in withheld}


@pytest.mark.parametrize("seed", range(TABLES))
def test_nothing_that_is_withheld_can_be_worked_out(seed):
    cells = random_table(seed)
    shown = show_table(cells)
    for index, (people, counted) in recovered(cells, shown).items():
        assert counted == shown[index].interval
        assert people[0] <= cells[index].n <= people[1]
        assert counted[0] <= cells[index].x <= counted[1]
        if any(out.suppressed is None for out in shown):
            assert people[1] - people[0] >= LEAST_DOUBT
            assert counted[1] - counted[0] >= LEAST_DOUBT


def test_without_complementary_cells_the_attack_succeeds():
    found = 0
    for seed in range(TABLES):
        cells = random_table(seed)
        careless = [
            out if out.suppressed != "complementary" else show_table([cell])[0]
            for cell, out in zip(cells, show_table(cells), strict=True)
        ]
        found += any(low == high for _people, (low, high) in recovered(cells, careless).values())
    assert found > TABLES // 20


@pytest.mark.parametrize("seed", range(0, TABLES, 10))
def test_every_small_cell_is_withheld_and_the_rest_is_not_without_need(seed):
    cells = random_table(seed)
    shown = show_table(cells)
    assert all((out.suppressed == "primary") == (cell.n < 10) for cell, out in zip(cells, shown, strict=True))
    if not any(cell.n < 10 for cell in cells):
        assert all(out.suppressed is None for out in shown)
