import pytest

from nic_node.disclosure.context import bands_of, context_class
from nic_node.disclosure.draft import ContextProfile
from nic_node.disclosure.lattice import build_lattice
from schemas.canonical import document_sha256
from tests.unit.disclosure.projects import NETWORK, codes, prepare, project

MINE = ContextProfile("middle", 42, 412, 61.5, 7.0, 14.0, "fair")


def lattice(*classes):
    anything = dict.fromkeys(
        ("level", "locale", "enrolment", "lunch", "english_learners", "disabilities", "stage"), "any"
    )
    return {
        "v": 1,
        "kind": "lattice",
        "network": NETWORK,
        "epoch": 1,
        "attributes": ["level"],
        "classes": [{"id": f"c{index}", "bands": anything | bands} for index, bands in enumerate(classes)],
    }


@pytest.mark.parametrize(
    ("attribute", "bands"),
    [
        ("locale", ("rural-distant", "rural", "town-rural", "any")),
        ("enrolment", ("300-500", "0-500", "any")),
        ("lunch", ("60-80", "60-up", "any")),
        ("stage", ("fair", "poor-fair", "any")),
    ],
)
def test_a_value_lies_in_bands_from_fine_to_coarse(attribute, bands):
    assert bands_of(MINE, attribute) == bands


def test_what_is_not_known_lies_in_any():
    assert bands_of(ContextProfile("middle"), "lunch") == ("any",)


def test_the_first_class_that_holds_a_school_is_its_own():
    found = lattice({"level": "high"}, {"level": "middle", "locale": "town-rural"}, {"level": "middle"}, {})
    assert context_class(MINE, found) == "c1"
    assert context_class(ContextProfile("middle"), found) == "c2"
    assert context_class(ContextProfile("early"), found) == "c3"
    assert context_class(MINE, lattice({"level": "high"})) is None


def test_the_record_names_the_lattice_and_the_class():
    found = build_lattice([MINE] * 5, network=NETWORK, epoch=1, k=5)
    draft = prepare(profile=MINE, lattice=found)
    assert draft.record["context"] == {"lattice_sha256": document_sha256(found), "class": found["classes"][0]["id"]}
    assert draft.context_class == found["classes"][0]["id"]
    assert not draft.blocked


@pytest.mark.parametrize(
    ("profile", "document"), [(MINE, None), (None, lattice({})), (MINE, lattice({"level": "high"}))]
)
def test_without_a_class_no_context_leaves(profile, document):
    draft = prepare(project(), profile=profile, lattice=document)
    assert "context" not in draft.record
    assert draft.context_class is None
    assert codes(draft, "context") == ["no-context"]
