from collections import Counter

import pytest

from nic_node.errors import InvalidInput
from nic_node.school.profile.directory import read_directory_row
from nic_node.school.profile.directory_profiles import (
    ATTRIBUTES,
    BELOW_ZERO,
    MOST_TOLD,
    NO_FRACTION,
    NO_NUMBER,
    NO_PERCENT,
    read_directory_profiles,
)

LUNCH = ATTRIBUTES.index("lunch")
HEADER = "NCESSCH,SCH_NAME,LEVEL,MEMBER,ULOCALE,FRPL_PCT"
ROWS = [
    f"{number},School {number},{'Middle' if number % 2 else 'High'},{400 + number},42-Rural: Distant,0.{number:02}"
    for number in range(40)
]
STATE = "\n".join([HEADER, *ROWS])


def read(text):
    return read_directory_profiles(text.encode())


def test_schools_are_counted_by_their_finest_bands():
    found = read(STATE)
    assert found.schools == 40
    bands = dict(zip(ATTRIBUTES, max(found.alike), strict=True))
    assert bands["level"] in {"middle", "high"}
    assert (bands["locale"], bands["enrolment"], bands["disabilities"]) == ("rural-distant", "300-500", None)
    assert found.known["lunch"] == 40


def test_tab_separated_text_says_the_same_as_a_csv():
    """Also where a name holds commas, which the tabs make no columns of."""
    tabbed = STATE.replace(",", "\t").replace("School 1\t", "School 1, Annex, East\t")
    assert read(tabbed) == read(STATE)
    assert read(tabbed.replace("\n", "\r\n")) == read(STATE)


def test_a_column_is_read_by_most_of_its_shares():
    """Fractions 0.00 to 0.39 or percentages 0 to 39: either way the same schools are alike."""
    percent = STATE.replace(",0.", ",")
    assert read(percent).alike == read(STATE).alike
    assert {alike[LUNCH] for alike in read(STATE).alike} == {"0-20", "20-40"}
    small = read(STATE.replace("FRPL_PCT", "ELL_PCT"))
    # Each column by itself: a column of fractions stands beside one of percentages.
    both = "\n".join([HEADER + ",ELL_PCT", *(row + f",{25 + number / 2}" for number, row in enumerate(ROWS))])
    assert read(both).known["english_learners"] == small.known["english_learners"] == 40
    assert {alike[LUNCH] for alike in read(both).alike} == {"0-20", "20-40"}


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        (lambda number: f"0.{number:02}", "37", NO_FRACTION),
        (lambda number: f"0.{number:02}", "1.2", NO_FRACTION),
        (lambda number: f"0.{number:02}", "-0.3", BELOW_ZERO),
        (lambda number: f"0.{number:02}", "o.3", NO_NUMBER),
        (lambda number: f"{number + 1}", "370", NO_PERCENT),
        (lambda number: f"{number + 1}", "370%", NO_PERCENT),
        (lambda number: f"{number + 1}", "NaN", NO_NUMBER),
    ],
)
def test_one_dirty_share_is_refused_with_its_line_and_misreads_no_other(column, cell, why):
    shares = [column(number) for number in range(40)]
    clean, dirty = [
        read(
            "\n".join([HEADER, *(f"{row.rpartition(',')[0]},{share}" for row, share in zip(ROWS, given, strict=True))])
        )
        for given in (shares, [*shares[:30], cell, *shares[31:]])
    ]
    assert (dirty.refused, dirty.known["lunch"]) == (1, 39)
    assert [(one.line, one.attribute, one.cell, one.why) for one in dirty.told] == [(32, "lunch", cell, why)]
    # The other 39 schools stand in the bands in which they stood; of this one the share is not known.
    moved = Counter(clean.alike)
    moved.subtract(dirty.alike)
    assert sorted(count for count in moved.values() if count) == [-1, 1]


def test_a_share_with_its_sign_is_a_percentage_in_either_column():
    assert read(STATE.replace(",0.39", ",39%")).alike == read(STATE).alike
    assert read(STATE.replace(",0.", ",").replace(",39", ",39%")).alike == read(STATE).alike


def test_what_is_not_known_is_not_refused():
    odd = STATE.replace("400", "-1").replace("401", "M").replace("402", "").replace("403", "many")
    found = read(odd)
    assert found.known["enrolment"] == 36
    assert [(one.line, one.why) for one in found.told] == [(5, NO_NUMBER)]
    assert read(STATE.replace("42-Rural", "99-Nowhere")).known["locale"] == 0
    many = read(STATE.replace("42-Rural", "x").replace(",0.", ",x"))
    assert (many.refused, len(many.told)) == (80, MOST_TOLD)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a,b\n1,2\n", "No column holds school ids"),
        ("\n".join([HEADER, *ROWS[:19]]), "19 schools"),
        (STATE.replace("LEVEL", "x").replace("MEMBER", "y"), "Neither level nor size"),
        ("PK\x00\x03", "not a CSV"),
    ],
)
def test_what_says_nothing_is_refused(text, why):
    with pytest.raises(InvalidInput) as refused:
        read(text)
    assert why in str(refused.value.fields)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_a_file_of_many_chunks_is_decoded_as_a_whole(encoding):
    """Wherever a chunk ends within a letter; and what is no UTF-8 only at its end is Latin-1 from its first line on."""
    padded = [f"{row},{'x' * number}{'é' * 60_000 if encoding != 'latin-1' else ''}" for number, row in enumerate(ROWS)]
    text = "\n".join([HEADER + ",LEA_NAME", *padded, f"{ROWS[0].replace('0,', '77,', 1)},Peña"])
    content = text.encode(encoding)
    assert read_directory_row(content, "77")["district"] == "Peña"
    assert read_directory_profiles(content).schools == 41


def test_an_id_that_stands_twice_is_one_school():
    assert read("\n".join([STATE, ROWS[0]])).schools == 40
