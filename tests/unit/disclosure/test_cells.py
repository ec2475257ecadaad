from nic_node.disclosure.cells import shown_band
from tests.unit.disclosure.projects import absence, codes, counts, means, prepare, project, rates, sessions


def rows(draft):
    return [(cell.at, str(cell.here), cell.leaves and str(cell.leaves), str(cell.rule)) for cell in draft.cells]


def test_each_number_stands_with_what_it_leaves_and_the_rule():
    assert rows(prepare(project(absence(), sessions()))) == [
        ("baseline", "23 of 61", "35–39\u202f%, n about 60", "5-point bands at n 60"),
        ("middle", "14 of 61", "20–24\u202f%, n about 60", "5-point bands at n 60"),
        ("end", "14 of 61", "20–24\u202f%, n about 60", "5-point bands at n 60"),
        ("end", "38", "about 40", "events are rounded"),
    ]


def test_means_and_rates_in_words():
    fluency = absence(
        measure="oral-reading-fluency",
        unit="mean",
        window="one-time",
        points=(means("baseline", 84.7, sd=21.34), means("end", 95.0)),
    )
    tardies = absence(measure="tardies", unit="rate", points=(rates("baseline", 21, 22), rates("end", 15, 16)))
    assert rows(prepare(project(fluency, tardies)))[::2] == [
        (
            "baseline",
            "mean 84.7, sd 21.34, n 61",
            "about 85, sd 21, n about 60",
            "steps of at least a tenth of the spread, and of the scale over n",
        ),
        ("baseline", "43 in 2400", "about 45 in 2400", "events are rounded"),
    ]


def test_a_part_never_stands_beside_its_whole():
    part = absence(n=31, group="English learners", part_of="grade 7", whole_n=61)
    draft = prepare(project(part, absence()))
    assert [measure["points"][0]["n"] for measure in draft.record["measures"]] == [60]
    assert codes(draft, "cells") == ["beside-whole"]
    assert rows(draft)[0] == ("baseline", "23 of 31", None, "total and parts never together")


def test_the_whole_gives_way_where_the_part_is_the_outcome():
    part = absence(n=31, group="English learners", part_of="grade 7", whole_n=61)
    whole = absence(measure="belonging", group="grade 7")
    draft = prepare(project(whole, part))
    assert [measure["measure"] for measure in draft.record["measures"]] == ["absent-10pct-window"]
    assert codes(draft, "cells") == ["beside-whole"]


def test_a_class_never_stands_beside_its_school():
    school = absence(n=400, before=(100, 100), after=(90, 90), group="school")
    grade = absence(n=100, measure="engagement", group="grade 7", part_of="school", whole_n=400)
    classroom = absence(
        n=25, measure="belonging", before=(9, 9), after=(9, 9), group="7b", part_of="grade 7", whole_n=100
    )
    draft = prepare(project(classroom, school, grade))
    assert [measure["measure"] for measure in draft.record["measures"]] == ["absent-10pct-window"]
    assert codes(draft, "cells") == ["beside-whole", "beside-whole"]


def test_groups_that_are_parts_of_each_other_end():
    one = absence(group="a", part_of="b", whole_n=100)
    other = absence(measure="belonging", group="b", part_of="a", whole_n=100)
    assert codes(prepare(project(one, other)), "cells") == ["beside-whole"]


def test_a_measure_appears_once_and_four_are_the_most():
    draft = prepare(project(absence(), absence(group="grade 8")))
    assert codes(draft, "cells") == ["measure-twice"]
    names = ("belonging", "engagement", "reading-benchmark", "math-benchmark")
    many = [absence(measure=name, group=name) for name in names]
    assert codes(prepare(project(*many, absence())), "cells") == ["too-many-measures"]
    assert len(prepare(project(*many, absence())).record["measures"]) == 4


def test_impossible_numbers_block_and_are_not_repeated():
    draft = prepare(project(absence(before=(777, 777))))
    assert draft.blocked
    assert codes(draft, "cells") == ["impossible-number"]
    assert "777" not in str(draft.document())
    assert rows(draft)[0][1:3] == ("not usable", None)


def test_points_and_comparisons_that_stay_say_why():
    measure = absence(comparison=(counts("baseline", 3, 3, n=9), counts("end", 3, 3, n=9)))
    measure = absence(points=(*measure.points, counts("p1", 20, 20)), comparison=measure.comparison)
    draft = prepare(project(measure))
    assert codes(draft, "cells") == ["comparison-left-out"]
    assert [(row[0], row[3]) for row in rows(draft)[3:]] == [
        ("p1", "more points than this n allows"),
        ("baseline", "the comparison group is too small or incomplete"),
        ("end", "the comparison group is too small or incomplete"),
    ]


def test_bands_in_words():
    assert [shown_band(35, 40), shown_band(95, 100), shown_band(7, 8)] == ["35–39\u202f%", "95–100\u202f%", "7\u202f%"]
