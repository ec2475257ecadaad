"""Counting at the door against the definition written out plainly."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nic_node.evidence.counting import Recipe, count_rows

START = date(2026, 9, 7)
WINDOW = 6
RECIPE = Recipe(
    "student-day",
    {"student": "s", "date": "d", "mark": "m"},
    window_days=WINDOW,
    threshold_percent=20,
    least_days=3,
    every="day",
)
MARKS = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 13)),
    st.booleans(),
    max_size=50,
)


def rows_of(marks):
    return [
        {"s": student, "d": (START + timedelta(days=day)).isoformat(), "m": "A" if missed else "P"}
        for (student, day), missed in marks.items()
    ]


def plainly(marks):
    days = sorted({day for _, day in marks})
    expected = []
    for place in range(WINDOW - 1, len(days)):
        window = days[place - WINDOW + 1 : place + 1]
        x = n = 0
        for student in {student for student, _ in marks}:
            seen = [marks[student, day] for day in window if (student, day) in marks]
            if len(seen) >= 3:
                n += 1
                x += 5 * sum(seen) >= len(seen)
        if n:
            expected.append((START + timedelta(days=days[place]), x, n))
    return expected


@given(MARKS)
@settings(deadline=None)
def test_counts_follow_the_definition(marks):
    counted = count_rows(RECIPE, rows_of(marks))
    assert [(count.period, count.x, count.n) for count in counted.counts] == plainly(marks)
    assert counted.faults == ()
    assert counted.rows_read == len(marks)


@given(MARKS, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_rows_does_not_matter(marks, random):
    rows = rows_of(marks)
    shuffled = rows[:]
    random.shuffle(shuffled)
    assert count_rows(RECIPE, rows).counts == count_rows(RECIPE, shuffled).counts
