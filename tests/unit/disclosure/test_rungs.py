import pytest

from tests.unit.disclosure.projects import absence, codes, counts, means, prepare, project, rates, replication, sessions


def rung(*measures, **changes):
    draft = prepare(project(*measures, **changes))
    assert not draft.blocked, draft.findings
    return draft


def test_a_grade_is_measured_with_its_word():
    draft = rung(absence(before=(38, 38), after=(14, 14)))
    assert (draft.rung, draft.direction, draft.record["aim_result"]) == ("measured", "better", "partly")
    assert draft.effects.exact.estimate > 0
    assert draft.effects.exact.estimate == pytest.approx(draft.effects.printed.estimate, abs=0.1)
    assert draft.effects.exact.se < draft.effects.printed.se


def test_fewer_than_twenty_leave_a_word():
    draft = rung(absence(n=19, before=(16, 16), after=(3, 3)), sessions())
    assert (draft.rung, draft.direction, draft.record["aim_result"]) == ("direction", "better", "partly")
    assert [measure["unit"] for measure in draft.record["measures"]] == ["count"]
    assert draft.effects.printed is None
    assert codes(draft, "rung") == ["cells-do-not-pass"]


def test_fewer_than_ten_leave_what_was_done():
    draft = rung(absence(n=9, before=(8, 8), after=(1, 1)), sessions())
    assert draft.rung == "described"
    assert not {"direction", "aim_result", "measures"} & draft.record.keys()
    assert codes(draft, "rung") == ["too-few-people"]


def test_a_single_period_leaves_a_word_not_a_number():
    draft = rung(absence(before=(38,), after=(14,)))
    assert (draft.rung, draft.direction) == ("direction", "better")


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [((14, 14), (38, 38), "worse"), ((20, 20), (19, 19), "cannot-tell"), ((38, 38), (14, 14), "better")],
)
def test_the_word_follows_the_exact_values(before, after, word):
    assert rung(absence(before=before, after=after)).direction == word


def test_a_large_group_can_show_that_nothing_changed():
    assert rung(absence(n=900, before=(300, 300), after=(303, 303))).direction == "no-clear-change"


def test_up_is_turned_by_the_aim():
    up = project().aim.__class__("belonging", "up", 45)
    assert rung(absence(measure="belonging", before=(14, 14), after=(38, 38)), aim=up).direction == "better"


def test_a_comparison_takes_the_season_along():
    fell_everywhere = absence(
        before=(38, 38),
        after=(14, 14),
        season="ruled-out",
        comparison=(counts("baseline", 38, 38), counts("end", 14, 14)),
    )
    draft = rung(fell_everywhere)
    assert draft.direction == "cannot-tell"
    assert draft.effects.exact.estimate == 0


def test_a_word_about_a_small_group_takes_a_comparison_of_ten_along():
    comparison = (counts("baseline", 10, 10, n=12), counts("end", 2, 2, n=12))
    assert rung(absence(n=19, before=(16, 16), after=(3, 3), comparison=comparison)).direction == "cannot-tell"


@pytest.mark.parametrize(
    ("measures", "why"),
    [
        ((sessions(),), "no-outcome"),
        ((absence(measure="belonging"),), "no-outcome"),
        ((absence(points=(counts("baseline", 9, 9),)),), "nothing-to-compare"),
    ],
)
def test_without_an_outcome_the_practice_is_described(measures, why):
    draft = rung(*measures)
    assert draft.rung == "described"
    assert codes(draft, "rung") == [why]


def test_no_aim_no_outcome():
    assert rung(absence(), aim=None).rung == "described"


def test_means_and_rates_have_words_too():
    aim = project().aim.__class__("oral-reading-fluency", "up")
    fluency = absence(measure="oral-reading-fluency", unit="mean", window="one-time")
    points = (means("baseline", 80.0, sd=20.0), means("end", 95.0, sd=20.0))
    assert rung(absence(**{**vars_of(fluency), "points": points}), aim=aim).direction == "better"
    aim = project().aim.__class__("tardies", "down")
    points = (rates("baseline", 60, 60), rates("end", 20, 20))
    assert rung(absence(measure="tardies", unit="rate", points=points), aim=aim).direction == "better"


def vars_of(measure):
    return {"measure": measure.measure, "unit": measure.unit, "window": measure.window}


def test_everybody_alike_has_no_effect():
    aim = project().aim.__class__("oral-reading-fluency", "up")
    points = (means("baseline", 80.0, sd=0.0), means("end", 95.0, sd=0.0))
    draft = rung(absence(measure="oral-reading-fluency", unit="mean", window="one-time", points=points), aim=aim)
    assert (draft.rung, draft.direction) == ("direction", "cannot-tell")


def test_a_replication_is_judged_alike():
    draft = prepare(replication(absence(before=(38, 38))))
    assert (draft.kind, draft.rung, draft.direction) == ("replication", "measured", "better")
