"""Six checks, each with its own evidence."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nic_node.errors import InvalidInput
from nic_node.network.directory import read_directory
from nic_node.network.tables import DirectoryEntry, Member, Network
from nic_node.network.vetting import CHECK_LABELS, Vetting, vet

NOW = datetime(2026, 10, 27, 12, tzinfo=UTC)
FOUND = {"problem": "", "seconds": 0.42, "kids": ["f"], "http_kids": ["h"]}
NETWORK = Network(policy_sha256="p", charter_sha256="c")
ENTRY = DirectoryEntry(directory_id="0042", name="Birchwood Middle School", domain="lakes.k12.example.us")


def member(**changes: Any) -> Member:
    values: dict[str, Any] = {
        "entity": "https://birchwood.lakes.k12.example.us",
        "keys": {"f": {}},
        "http_keys": {"h": {}},
        "profile": {"directory_id": "0042"},
        "policy_sha256": "p",
        "charter_sha256": "c",
        "applied_at": NOW,
        "confirmed_at": NOW,
        "code_given_at": NOW,
        "found": FOUND,
        "found_at": NOW,
        "settled": {},
        **changes,
    }
    return Member(**values)


def vetted(entry: DirectoryEntry | None = ENTRY, *, has_directory: bool = True, **changes: Any) -> Vetting:
    return vet(member(**changes), NETWORK, entry, has_directory=has_directory)


def test_all_pass_side_by_side() -> None:
    vetting = vetted()
    assert vetting.passes
    assert [check.name for check in vetting.checks] == list(CHECK_LABELS)
    assert vetting.named("entity").values == {"seconds": "0.4"}


@pytest.mark.parametrize(
    ("changes", "name", "state"),
    [
        ({"found": None}, "entity", "wait"),
        ({"found": None}, "keys", "wait"),
        ({"found": {"problem": "It can't be reached.", "code": "peer-unreachable"}}, "entity", "bad"),
        ({"found": {**FOUND, "kids": ["other"]}}, "keys", "bad"),
        ({"found": {**FOUND, "http_kids": ["h", "h2"]}}, "keys", "bad"),
        ({"entity": "https://birchwood.example"}, "host", "wait"),
        ({"entity": "https://evil-lakes.k12.example.us"}, "host", "wait"),
        ({"profile": {}}, "directory", "wait"),
        ({"confirmed_at": None}, "code", "wait"),
        ({"confirmed_at": None, "code_given_at": None}, "code", "wait"),
        ({"policy_sha256": "older"}, "policy", "bad"),
        ({"charter_sha256": "older"}, "policy", "bad"),
    ],
)
def test_one_that_does_not_pass_stops_the_approval(changes: dict[str, Any], name: str, state: str) -> None:
    vetting = vetted(**changes)
    assert vetting.named(name).state == state
    assert not vetting.passes


def test_without_its_row_the_directory_speaks() -> None:
    assert vetted(None).named("directory").state == "bad"
    assert vetted(None, has_directory=False).named("directory").state == "wait"


def test_a_person_settles_host_and_directory_and_nothing_else() -> None:
    settled = {name: {"by": "Ada Field", "at": ""} for name in CHECK_LABELS}
    vetting = vetted(None, settled=settled, confirmed_at=None, found=None)
    assert [check.name for check in vetting.checks if check.state == "ok"] == ["host", "directory", "policy"]


def test_a_directory_file_is_read() -> None:
    content = "NCESSCH,SCH_NAME,LEVEL,MEMBER,Domain\n0042,Birchwood,Middle,388,.Lakes.k12.example.us\n0042,Again,,,\n"
    (row,) = read_directory(content.encode())
    assert (row.directory_id, row.name, row.enrolment) == ("0042", "Birchwood", 388)
    assert row.domain == "lakes.k12.example.us"


def test_latin_1_is_read_too() -> None:
    assert read_directory("id,name\n7,Peñasco\n".encode("latin-1"))[0].name == "Peñasco"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"id,name\n",
        b"name\nBirchwood\n",
        b"id\n0042\n",
        b"id,name\n,Birchwood\n",
        b"id,name\n0042,\n",
        b"id,name\n\x00,Birchwood\n",
        b"id,name,member\n1,Birchwood,many\n",
        b"id,name,member\n1,Birchwood,-5\n",
        b"id,name\n" + b"9" * 41 + b",Birchwood\n",
        b'id,name\n1,"' + b"x" * 200_000 + b'"\n',
    ],
)
def test_a_file_that_is_no_directory_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_directory(content)
    assert len(caught.value.fields["file"]) == 1
