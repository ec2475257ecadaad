"""What a practice is about, found by its names."""

import numpy as np

from nic_node.commons.columns import Column, Columns, Replications
from nic_node.commons.named import ALSO_CALLED, NAMED, rows_named, stems_of, values_named


def test_a_name_leads_to_every_value_that_is_called_so() -> None:
    assert values_named("absenc") == {"problem": {"chronic-absence"}}
    assert values_named("math") == {
        "problem": {"early-numeracy", "algebra-readiness"},
        "idea": {"math-discourse"},
        "subject": {"math"},
    }
    assert values_named("zeppelin") == {}


def test_what_has_no_name_is_found_by_none() -> None:
    assert stems_of("problem", "other") == stems_of("subject", "none") == frozenset()
    assert stems_of("problem", "from-a-later-version") == frozenset()
    assert "subject" not in values_named("no")


def test_other_names_stand_for_values_that_there_are() -> None:
    known = {value for vocabulary in NAMED.values() for value in vocabulary}
    assert ALSO_CALLED.keys() <= known


def test_rows_are_those_of_any_facet() -> None:
    problems = Column((frozenset(), frozenset({"algebra-readiness"})), np.array([0, 1, 0, 0], np.uint16))
    subjects = Column((frozenset(), frozenset({"math"}), frozenset({"arts"})), np.array([0, 0, 1, 2], np.uint16))
    columns = Columns(
        np.array([11, 12, 13, 14]),
        {"problem": problems, "idea": Column.empty(4), "subject": subjects},
        np.ones(4, np.bool_),
        Replications.none(),
        np.zeros(4, np.int32),
        [(0, 0)],
        newest=14,
    )
    assert rows_named(columns, "math").tolist() == [1, 2]
    assert rows_named(columns, "zeppelin").tolist() == []
