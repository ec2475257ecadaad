"""What counts as the same step in other words."""

import pytest

from nic_node.school.projects.rewording import ALIKE, likeness, reworded

OTHERS = (
    "Greet each student at the door",
    "Call home on the second day of absence",
    "Meet on Fridays to look at the list",
    "Pair grade 9 students with a mentor from grade 12",
    "Write the exit ticket before the lesson",
)


@pytest.mark.parametrize("one", OTHERS)
def test_steps_of_one_idea_are_not_each_other(one: str) -> None:
    assert all(likeness(one, other) < ALIKE for other in OTHERS if other != one)
    assert likeness(one, one.upper()) == 1


def test_a_slip_mended_and_a_name_added_are_the_same_step() -> None:
    assert reworded(["Greet at the dor", "Call home"], ["Call home", "Greet at the door, by name"]) == {1: 0}


def test_each_old_step_is_worded_anew_once_and_the_likest_wins() -> None:
    assert reworded(["Call home early"], ["Call home early on Monday", "Call home earlier", "Eat"]) == {1: 0}
    assert reworded(["Visit in week 2"], ["Visit in week 3"]) == {}
    assert reworded(["a", "b"], ["b", "a"]) == {}
    assert reworded([], ["Eat"]) == {}
    assert reworded(["Eat"], []) == {}
