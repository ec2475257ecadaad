"""What a founder is offered, and what the federation's floors refuse."""

from typing import Any

import pytest
from multidict import MultiDict

from nic_node.errors import InvalidInput
from nic_node.network.forms import FoundForm
from nic_node.network.found import charter_document, policy_document, verify_slug
from nic_node.network.propose import proposal_document, propose
from nic_node.web.forms import load_form
from schemas.policy import POLICY_FLOORS

ENTITY = "https://hub.example/net/hub"


@pytest.mark.parametrize("slug", ["North Coast", "../etc", "", "a_b", "x" * 65, "-a"])
def test_a_short_name_has_one_form(slug: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        verify_slug("https://hub.example", slug)
    assert list(caught.value.fields) == ["slug"]


def test_the_short_name_is_part_of_the_address() -> None:
    assert verify_slug("https://hub.example", "north-coast") == "https://hub.example/net/north-coast"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("min_issued", 2),
        ("context_k", 1),
        ("register_slots", 6),
        ("cell_minimum", 9),
        ("active_seconds", 10**12),
        ("context_ranking", ["nothing"]),
        ("programmes", ["same", "same"]),
    ],
)
def test_a_policy_is_never_below_the_floors(name: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        policy_document(ENTITY, 1, {name: value})
    assert list(caught.value.fields) == [name]


@pytest.mark.parametrize(
    ("name", "texts", "field"),
    [
        ("", {"purpose": "p"}, "name"),
        ("N", {"purpose": "  "}, "purpose"),
        ("N", {}, "purpose"),
        ("N", {"purpose": "p", "aim": "x" * 1001}, "aim"),
    ],
)
def test_a_charter_says_what_for(name: str, texts: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        charter_document(ENTITY, 1, name, texts)
    assert list(caught.value.fields) == [field]


def test_windows_line_ends_and_spaces_do_not_matter() -> None:
    charter = charter_document(ENTITY, 1, "  The hub ", {"purpose": "One.\r\nTwo. ", "aim": " "})
    assert (charter["name"], charter["purpose"]) == ("The hub", "One.\nTwo.")
    assert "aim" not in charter


@pytest.mark.parametrize(
    ("schools", "min_issued", "context_k"), [(1, 3, 3), (3, 3, 3), (5, 4, 3), (10, 8, 3), (20, 10, 5), (5000, 10, 5)]
)
def test_numbers_are_proposed_from_how_many_are_sure(schools: int, min_issued: int, context_k: int) -> None:
    proposal = propose(schools)
    assert (proposal.min_issued, proposal.context_k) == (min_issued, context_k)
    assert proposal.min_issued >= POLICY_FLOORS["min_issued"]
    assert proposal.min_issued <= max(schools, POLICY_FLOORS["min_issued"])


def test_each_number_says_what_it_costs() -> None:
    told = {schools: " ".join(proposal_document(propose(schools))["costs"]) for schools in (3, 10, 12, 40)}
    assert "one of 3 schools. If one of yours is late, all wait" in told[3]
    assert "one of 8 schools. Up to 2 of yours may be late" in told[10]
    assert "nothing says what kind" in told[3]
    assert "at most 3 kinds" in told[10]
    assert "up to 8 kinds" in told[40]
    assert "thin cover" in propose(9).warning
    assert propose(10).warning == ""


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("18 weeks", 18 * 7 * 86_400), ("14 days", 14 * 86_400), ("1 Hour", 3_600), ("90", 90), ("1,209,600", 1_209_600)],
)
def test_durations_are_typed_as_people_say_them(typed: str, seconds: int) -> None:
    assert load_form(MultiDict({"active_seconds": typed}), FoundForm()).data["active_seconds"] == seconds


@pytest.mark.parametrize("typed", ["soon", "2 fortnights", "-3 days", "1.5 days", "9" * 12])
def test_a_duration_that_says_nothing_is_told_beside_its_field(typed: str) -> None:
    assert list(load_form(MultiDict({"active_seconds": typed}), FoundForm()).errors) == ["active_seconds"]


def test_two_schools_are_no_network() -> None:
    assert not propose(2).is_enough
    assert propose(3).is_enough
