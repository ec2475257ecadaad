import pytest

from nic_node.errors import InvalidInput
from nic_node.evidence.similarity import SIMILARITY_WEIGHTS, Profile, similarity

MINE = Profile(
    level="middle",
    grade_bands=("6-8",),
    locale=41,
    enrolment=420,
    lunch=62.0,
    english_learners=12.0,
    disabilities=14.0,
    stage="fair",
    baseline=0.35,
)
THEIRS = {
    "level": "middle",
    "locale": "rural",
    "enrolment": "300-500",
    "lunch": "60-80",
    "english_learners": "5-15",
    "disabilities": "12-16",
    "stage": "fair",
}


def changed(**bands):
    return THEIRS | bands


def words(found):
    return [part.words.said() for part in found.parts]


def test_a_school_inside_every_band_is_at_no_distance():
    found = similarity(MINE, THEIRS, their_baseline=(0.35, 0.40))
    assert found.distance == 0
    assert found.comparable
    assert [part.attribute for part in found.parts] == list(SIMILARITY_WEIGHTS)
    assert found.different == ()
    assert found.said() == ("nearly the same lunch share; about as many English learners", "at about the same stage")


def test_the_reason_says_what_is_alike_and_what_differs_most():
    found = similarity(MINE, changed(english_learners="0-1", lunch="any", stage="good"))
    alike, different = found.said()
    assert alike == "about as many students with disabilities; both rural"
    assert different == "they have fewer English learners"
    assert found.stage.said() == "they are one step ahead of you"


def test_distance_runs_to_the_nearest_edge_of_the_band():
    def part(**bands):
        return next(part for part in similarity(MINE, bands).parts)

    assert part(lunch="80-up").distance == pytest.approx(18 / 60)
    assert part(lunch="20-40").distance == pytest.approx(22 / 60)
    assert part(lunch="20-40").words.said() == "they have fewer students on free or reduced-price lunch"
    assert part(lunch="0-20").distance == pytest.approx(42 / 60)
    assert part(lunch="0-20").words.said() == "they have far fewer students on free or reduced-price lunch"


def test_enrolment_is_compared_by_its_logarithm():
    def distance(enrolment):
        return similarity(Profile(enrolment=enrolment), {"enrolment": "1200-up"}).distance

    assert distance(600) == pytest.approx(1 / 3)
    assert distance(300) == pytest.approx(2 / 3)
    assert distance(0) == 1


@pytest.mark.parametrize(
    ("locale", "distance", "told"),
    [
        ("rural", 0, "both rural"),
        ("rural-fringe", 0, "both rural"),
        ("town-rural", 0, "both in a town or rural"),
        ("rural-remote", 0.5, "both rural, but not quite alike"),
        ("town", 0.5, "they are in a town, you are rural"),
        ("suburb", 1, "they are in a suburb, you are rural"),
        ("city-suburb", 1, "they are in a city or suburb, you are rural"),
    ],
)
def test_locale_has_half_credit_within_a_group(locale, distance, told):
    (part,) = similarity(Profile(locale=41), {"locale": locale}).parts
    assert part.distance == distance
    assert part.words.said() == told


def test_what_is_missing_on_either_side_is_reweighted_away():
    found = similarity(Profile(lunch=70.0, enrolment=420), {"lunch": "60-80", "enrolment": "0-150", "locale": "any"})
    assert [part.attribute for part in found.parts] == ["lunch", "enrolment"]
    assert [part.weight for part in found.parts] == pytest.approx([0.75, 0.25])


def test_without_context_only_the_baseline_speaks():
    found = similarity(MINE, {}, their_baseline=(0.60, 0.65))
    assert words(found) == ["they started much higher than you are"]
    assert found.stage_fits is None


def test_without_anything_there_is_no_distance_and_it_sorts_last():
    nothing = similarity(MINE, {})
    assert nothing.distance is None
    assert nothing.said() == ("", "")
    assert nothing.rank > similarity(MINE, changed(lunch="0-20", locale="city")).rank


@pytest.mark.parametrize(
    ("theirs", "grades", "comparable"),
    [
        ("middle", (), True),
        ("high", (), False),
        ("combined", (), True),
        ("any", (), True),
        ("any", ("9-12",), False),
        ("any", ("6-8", "9-12"), True),
        ("high", ("6-8",), True),
    ],
)
def test_level_or_grades_filter(theirs, grades, comparable):
    assert similarity(MINE, {"level": theirs}, their_grade_bands=grades).comparable is comparable


def test_a_school_that_says_nothing_of_itself_is_comparable_with_all():
    assert similarity(Profile(), THEIRS).comparable


@pytest.mark.parametrize(
    ("mine", "theirs", "fits", "told"),
    [
        ("fair", "fair", True, "at about the same stage"),
        ("fair", "good", True, "they are one step ahead of you"),
        ("fair", "great", False, "they are far ahead of you"),
        ("good", "poor", False, "they are at an earlier stage"),
        ("great", "great", True, "at about the same stage"),
    ],
)
def test_a_school_learns_from_those_level_with_it_or_one_step_ahead(mine, theirs, fits, told):
    found = similarity(Profile(stage=mine), {"stage": theirs})
    assert found.stage_fits is fits
    assert found.stage.said() == told


def test_the_stage_breaks_ties():
    level, ahead = similarity(MINE, THEIRS), similarity(MINE, changed(stage="great"))
    assert level.distance == ahead.distance
    assert level.rank < ahead.rank


def test_weights_can_be_moved():
    far = changed(lunch="0-20")
    assert similarity(MINE, far, weights={"locale": 1.0}).distance == 0
    assert similarity(MINE, far, weights={**SIMILARITY_WEIGHTS, "lunch": 0.0}).distance == 0


@pytest.mark.parametrize("weights", [{"lunch": -1.0}, {"charter": 1.0}, {"lunch": float("nan")}])
def test_weights_that_make_no_sense_are_refused(weights):
    with pytest.raises(InvalidInput, match="weight"):
        similarity(MINE, THEIRS, weights=weights)


def test_a_band_of_a_newer_vocabulary_says_nothing():
    assert similarity(MINE, {"lunch": "62-63", "charter": "yes"}).distance is None
