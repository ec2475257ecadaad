"""Context classes of several records, taken as linked: how many members are sure to match all of them.

A school does not know the others' profiles. What it knows is the promise of each term: at least k members with an
`issued` leaf in it stand in every class of its lattice. So the sure number is that of the one record whose class lies
within all the others' (as regions: a school belongs to the first class that holds it), less those who had no
credential in all of the terms.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.vocab import ANY, CONTEXT, is_within

Bands = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Term:
    """An open term: its lattice, the entities with an `issued` leaf in it, and its policy's k."""

    lattice: Mapping[str, Any]
    issued: frozenset[str]
    k: int


@dataclass(frozen=True, slots=True)
class ClassClaim:
    """A record shows this class of this term's lattice."""

    term: Term
    class_id: str


def sure_matches(claims: Sequence[ClassClaim]) -> int:
    """At least so many members match every one of the claims; 0 where nothing is sure. Needs one claim or more."""
    in_all = frozenset.intersection(*(claim.term.issued for claim in claims))
    return max(
        (
            claim.term.k - len(claim.term.issued - in_all)
            for claim in claims
            if all(is_region_within(claim, other) for other in claims)
        ),
        default=0,
    )


def is_region_within(claim: ClassClaim, other: ClassClaim) -> bool:
    """Whether every school of the one class is sure to be in the other; a sufficient check, band by band."""
    before, own = _upto(claim)
    others_before, box = _upto(other)
    if own is None or box is None or not is_box_within(own, box):
        return False
    for taken in others_before:
        shared = overlap(own, taken)
        if shared is not None and not any(is_box_within(shared, earlier) for earlier in before):
            return False
    return True


def _upto(claim: ClassClaim) -> tuple[list[Bands], Bands | None]:
    """The bands of the classes that stand before a class in its document, and its own."""
    before: list[Bands] = []
    for entry in claim.term.lattice["classes"]:
        if entry["id"] == claim.class_id:
            return before, entry["bands"]
        before.append(entry["bands"])
    return before, None


def is_box_within(fine: Bands, coarse: Bands) -> bool:
    return all(is_within(name, fine.get(name, ANY), coarse.get(name, ANY)) for name in CONTEXT)


def overlap(one: Bands, other: Bands) -> Bands | None:
    """The bands that two boxes share, None where they share none: bands are nested, so two that meet lie in order."""
    shared = {}
    for name in CONTEXT:
        mine, others = one.get(name, ANY), other.get(name, ANY)
        if is_within(name, mine, others):
            shared[name] = mine
        elif is_within(name, others, mine):
            shared[name] = others
        else:
            return None
    return shared
