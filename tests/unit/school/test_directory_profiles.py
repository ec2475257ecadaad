import pytest

from nic_node.errors import InvalidInput
from nic_node.school.profile.directory_profiles import ATTRIBUTES, read_directory_profiles

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


def test_a_share_is_a_fraction_only_where_all_are():
    percent = STATE.replace(",0.", ",")
    assert {alike[3] for alike in read(percent).alike} == {"0-20", "20-40"}
    assert {alike[3] for alike in read(STATE).alike} == {"0-20", "20-40"}


def test_what_cannot_be_read_is_not_known():
    odd = STATE.replace("400", "-1").replace("401", "NaN").replace("402", "many").replace("Rural: Distant", "x")
    found = read(odd)
    assert found.known["enrolment"] == 37
    assert read(STATE.replace("42-Rural", "99-Nowhere")).known["locale"] == 0


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


def test_an_id_that_stands_twice_is_one_school():
    assert read("\n".join([STATE, ROWS[0]])).schools == 40
