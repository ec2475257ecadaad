"""Six checks, each with its own evidence."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nic_node.network.tables import DirectoryEntry, Member, Network
from nic_node.network.vetting import CHECK_LABELS, CHECK_MEANINGS, REJECTED_FOR, Vetting, is_same_name, vet
from schemas.vocab import MEMBERSHIP_REASONS

NOW = datetime(2026, 10, 27, 12, tzinfo=UTC)
FOUND = {"problem": "", "seconds": 0.42, "kids": ["f"], "http_kids": ["h"]}
NETWORK = Network(policy_sha256="p", charter_sha256="c")
ENTRY = DirectoryEntry(
    directory_id="0042", name="Birchwood MS", level="Middle", district="", domain="lakes.k12.example.us"
)


def member(**changes: Any) -> Member:
    values: dict[str, Any] = {
        "entity": "https://birchwood.lakes.k12.example.us",
        "name": "Birchwood Middle School",
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
    return vet(member(**changes), NETWORK, entry, has_directory=has_directory, in_force=NETWORK.policy_sha256)


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
        ({"name": "Birchwood High School"}, "directory", "wait"),
        ({"name": "School"}, "directory", "wait"),
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


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("BIRCHWOOD MS", "Birchwood Middle School", True),
        ("The Peñasco Elementary School", "PENASCO ELEM", True),
        ("P.S. 042", "P.S. 042 Rivermouth", True),
        ("Lincoln Middle School", "Lincoln HS", False),
        ("School", "The school", False),
    ],
)
def test_names_are_compared_by_what_they_say(one: str, other: str, *, same: bool) -> None:
    assert is_same_name(one, other) is same
    assert is_same_name(other, one) is same


def test_a_reason_is_offered_for_what_stops_the_approval() -> None:
    assert vetted().rejection == ""
    assert vetted(policy_sha256="older", confirmed_at=None).rejection == "policy-not-accepted"
    assert (
        vetted(found={**FOUND, "kids": ["other"]}, entity="https://elsewhere.example").rejection == "keys-unconfirmed"
    )
    assert set(REJECTED_FOR) == set(CHECK_LABELS) == set(CHECK_MEANINGS)
    assert set(REJECTED_FOR.values()) <= set(MEMBERSHIP_REASONS)
