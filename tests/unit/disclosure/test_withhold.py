"""A table keeps enough of its cells to itself that no withheld one can be worked out."""

import pytest

from nic_node.disclosure.feasible import Known, feasible_interval
from nic_node.disclosure.withhold import TableCell, show_table


def table(*counts):
    return [TableCell({"group": str(index)}, *count) for index, count in enumerate(counts)]


def shown(*counts, **options):
    return [(cell.n, cell.band, cell.suppressed, cell.interval) for cell in show_table(table(*counts), **options)]


def test_a_table_without_small_cells_is_printed_whole():
    assert shown((12,), (61,), (240,)) == [("<15", None, None, None), (60, None, None, None), (250, None, None, None)]


def test_a_small_cell_alone_takes_the_smallest_printed_one_with_it():
    assert shown((4,), (61,), (30,)) == [
        (None, None, "primary", (0, 34)),
        (60, None, None, None),
        (None, None, "complementary", (0, 34)),
    ]


def test_two_small_cells_that_sum_to_too_few_take_another_with_them():
    assert [cell[2] for cell in shown((4,), (5,), (61,), (30,))] == ["primary", "primary", None, "complementary"]
    assert [cell[2] for cell in shown((4,), (6,), (61,), (30,))] == ["primary", "primary", None, None]


def test_counts_stay_in_doubt_too_and_no_more_is_withheld_than_that_takes():
    cells = shown((4, 1), (50, 20), (30, 2))
    assert cells == [
        (None, None, "primary", (0, 21)),
        (None, None, "complementary", (0, 21)),
        (30, (0, 20), None, None),
    ]


def test_a_whole_that_is_too_small_shows_nothing():
    assert [cell[2:] for cell in shown((3,), (4,))] == [("primary", (0, 7)), ("primary", (0, 7))]
    assert shown((9,)) == [(None, None, "primary", (9, 9))]


def test_a_stricter_minimum_is_kept_and_a_looser_one_is_not():
    assert shown((12,), (61,), minimum=20)[0][2] == "primary"
    assert shown((9,), (61,), minimum=1)[0][2] == "primary"


def test_no_group_at_all_is_no_table():
    assert show_table([]) == []


def test_an_interval_is_what_the_totals_leave_open():
    known = Known(3, [({0: 1.0, 1: 1.0, 2: 1.0}, 20.0)], [({0: 1.0}, 7.0), ({1: 1.0, 2: 1.0}, 15.0)])
    assert feasible_interval(0, known) == (5, 7)
    assert feasible_interval(1, known) == (0, 15)
    with pytest.raises(ValueError, match="no interval"):
        feasible_interval(0, Known(1, [({0: 1.0}, 5.0)], [({0: 1.0}, 4.0)]))
