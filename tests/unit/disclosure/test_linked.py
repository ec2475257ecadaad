from dataclasses import replace

import pytest

from nic_node.disclosure.linked import ClassClaim, Term, is_region_within, sure_matches
from schemas.canonical import document_sha256
from tests.unit.disclosure.projects import POLICY, prepare, project
from tests.unit.disclosure.releases import after, history, released
from tests.unit.disclosure.test_context import MINE, lattice

MEMBERS = frozenset(f"https://school-{number}.example" for number in range(12))
MIDDLE = lattice({"level": "middle"})
RURAL = lattice({"level": "middle", "locale": "rural"}, {"level": "middle"})
LARGE_FIRST = lattice({"enrolment": "500-up"}, {"level": "middle"})


def claim(document, class_id="c0", issued=MEMBERS, k=5):
    return ClassClaim(Term(document, issued, k), class_id)


def test_a_class_lies_within_itself_and_within_a_coarser_one():
    assert is_region_within(claim(RURAL), claim(MIDDLE))
    assert not is_region_within(claim(MIDDLE), claim(RURAL))
    assert is_region_within(claim(MIDDLE), claim(MIDDLE))


def test_what_stands_before_a_class_is_taken_from_it():
    """A large middle school is in the first class there, so that the second does not hold every middle school."""
    assert not is_region_within(claim(MIDDLE), claim(LARGE_FIRST, "c1"))
    assert is_region_within(claim(LARGE_FIRST, "c1"), claim(LARGE_FIRST, "c1"))
    assert is_region_within(claim(LARGE_FIRST, "c1"), claim(MIDDLE))


@pytest.mark.parametrize(
    ("first", "second", "sure"),
    [
        (MEMBERS, MEMBERS, 5),
        (MEMBERS, MEMBERS | {"https://new.example"}, 5),  # whoever came cannot take from those who stayed
        (MEMBERS | {"https://gone.example"}, MEMBERS, 5),
        (MEMBERS | {"https://gone.example"}, MEMBERS | {"https://new.example"}, 4),
    ],
)
def test_who_had_no_credential_in_both_terms_is_ruled_out(first, second, sure):
    assert sure_matches([claim(MIDDLE, issued=first), claim(MIDDLE, issued=second)]) == sure


def test_classes_that_cross_are_sure_of_nobody():
    assert sure_matches([claim(lattice({"locale": "rural"})), claim(lattice({"level": "middle"}))]) == 0


def shown_in(document, issued=MEMBERS):
    return {"lattice": document, "linked_terms": {document_sha256(document): Term(document, issued, 5)}}


def test_the_context_stays_where_linked_records_would_show_too_few():
    later = lattice({"level": "middle"}) | {"epoch": 2}
    crossing = lattice({"locale": "rural"}) | {"epoch": 2}
    earlier = released(project(), profile=MINE, **shown_in(MIDDLE))
    assert earlier.facts.class_id == "c0"
    terms = shown_in(MIDDLE)["linked_terms"] | shown_in(later)["linked_terms"] | shown_in(crossing)["linked_terms"]
    draft = after(project(), earlier, profile=MINE, lattice=later, linked_terms=terms)
    assert (draft.context_class, draft.matches.sure) == ("c0", 5)
    draft = after(project(), earlier, profile=MINE, lattice=crossing, linked_terms=terms)
    assert (draft.context_class, history(draft)) == (None, [("linked-context", "info")])
    assert not draft.blocked
    draft = after(project(), replace(earlier, is_living=False), profile=MINE, lattice=crossing, linked_terms=terms)
    assert draft.context_class == "c0"


def test_a_term_that_is_not_known_here_is_sure_of_nobody():
    earlier = released(project(), profile=MINE, **shown_in(MIDDLE))
    later = MIDDLE | {"epoch": 2}
    draft = after(project(), earlier, profile=MINE, **shown_in(later))
    assert draft.context_class is None


def test_a_first_release_has_the_promise_of_its_term():
    draft = prepare(project(), profile=MINE, **shown_in(MIDDLE))
    assert draft.matches.sure == POLICY["context_k"]
