"""What another version changes for a member: every field has its sentence, and the direction is told."""

from typing import Any

import pytest

from nic_node.membership.term_changes import CHARTER_LABELS, charter_changes, policy_changes
from schemas.policy import CharterSchema, PolicySchema, build_policy

NETWORK = "https://hub.example/net/hub"
HEAD = {"v", "kind", "network", "version"}
OTHER: dict[str, Any] = {
    "context_ranking": ["level"],
    "programmes": ["Reading Recovery"],
    "accepted_versions": [1, 2],
    "reads_across": True,
}


def said(**changes: Any) -> list[str]:
    before, after = build_policy(network=NETWORK), build_policy(network=NETWORK, version=2, **changes)
    return [change.effect % change.values for change in policy_changes(before, after)]


def test_every_field_of_a_policy_can_be_told() -> None:
    before = build_policy(network=NETWORK)
    for name in set(PolicySchema().fields) - HEAD:
        after = {**before, name: OTHER.get(name) or before[name] + 1}
        (change,) = policy_changes(before, after)
        assert change.name == name
        assert change.effect % change.values
        assert change.values["after"] != change.values["before"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"min_issued": 12}, "among more schools: what you share is by one of 12"),
        ({"min_issued": 8}, "among fewer schools: what you share is by one of 8"),
        ({"context_k": 4}, "gets finer"),
        ({"slot_seconds": 2 * 86_400}, "every 2 days: what you share appears later"),
        ({"membership_days": 1}, "lasts 1 day."),
        ({"programmes": []}, ""),
    ],
)
def test_an_effect_tells_its_direction(changes: dict[str, Any], words: str) -> None:
    told = said(**changes)
    assert words in "".join(told)
    assert bool(told) is bool(words)


def test_nothing_is_told_of_the_same_numbers() -> None:
    assert said() == []


def test_a_charter_tells_what_is_new_changed_and_gone() -> None:
    before = {"name": "Hub", "purpose": "Together.", "aim": "Half the absences."}
    drivers = [{"name": "Families hear", "ideas": ["two-way-texting"]}]
    common = {"problems": ["chronic-absence", "late_buses"]}
    after = {"name": "Hub", "purpose": "Fewer absences.", "common": common, "drivers": drivers}
    told = {change.name: (change.before, change.after) for change in charter_changes(before, after)}
    assert told == {
        "purpose": ("Together.", "Fewer absences."),
        "aim": ("Half the absences.", ""),
        "common": ("", "problems: Chronic absence, late buses"),
        "drivers": ("", "Families hear: Two-way texting"),
    }
    assert set(CHARTER_LABELS) == set(CharterSchema().fields) - HEAD
