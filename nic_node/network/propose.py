"""What a founder is offered: numbers from how many schools are sure to join, and what each of them costs.

Pure. The numbers follow privacy's two promises: a record is by one of `min_issued` schools, and a context class
names at least `context_k` of them. Floors stand in `schemas.policy`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nic_node.i18n import N_
from schemas.policy import POLICY_DEFAULTS, POLICY_FLOORS

FEWEST_SCHOOLS: Final = POLICY_FLOORS["min_issued"]
TOO_FEW: Final = N_(
    "With fewer than three schools no term ever opens: everybody would know whose record it is. Find a third school"
    " first, or join a network."
)
THIN_COVER: Final = 8
"""Below so many, people in a small circle guess."""
THIN: Final = N_("Fewer than eight is thin cover: in a small circle people guess. Say so to your schools.")
FEW_KINDS: Final = 2
MANY_KINDS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Two numbers for a policy.

    Attributes:
        is_enough: whether a network of so many schools can ever open an epoch.
    """

    schools: int
    min_issued: int
    context_k: int

    @property
    def is_enough(self) -> bool:
        return self.schools >= FEWEST_SCHOOLS

    @property
    def warning(self) -> str:
        """A sentence of the catalogue that the founder has to read; "" when there is none."""
        if not self.is_enough:
            return TOO_FEW
        return THIN if self.min_issued < THIN_COVER else ""

    @property
    def most_classes(self) -> int:
        """At most so many context classes can be told apart."""
        return self.schools // self.context_k


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one number of a proposal buys and costs, as a sentence of the catalogue with `values`."""

    name: str
    label: str
    value: int
    text: str
    values: Mapping[str, int]


def costs_of(proposal: Proposal) -> list[Cost]:
    """Both numbers with their price, in the words of a page and of a terminal."""
    late = proposal.schools - proposal.min_issued
    waits = N_("A record is by one of %(n)s schools. Up to %(late)s of yours may be late, and the term still opens.")
    if late <= 0:
        waits = N_("A record is by one of %(n)s schools. If one of yours is late, all wait.")
    kinds = N_(
        "A kind of school is told once %(k)s share it: at most %(kinds)s kinds can be told apart, so a reader learns"
        " little of where a practice fits."
    )
    if proposal.most_classes < FEW_KINDS:
        kinds = N_("With so few schools, nothing says what kind of school a practice comes from.")
    elif proposal.most_classes >= MANY_KINDS:
        kinds = N_("A kind of school is told once %(k)s share it: up to %(kinds)s kinds can be told apart.")
    return [
        Cost(name="min_issued", label=N_("Schools that a term needs"), value=proposal.min_issued, text=waits,
             values={"n": proposal.min_issued, "late": late}),
        Cost(name="context_k", label=N_("Schools that a context class needs"), value=proposal.context_k, text=kinds,
             values={"k": proposal.context_k, "kinds": proposal.most_classes}),
    ]  # fmt: skip


def propose(schools: int) -> Proposal:
    """From how many schools are sure to take part.

    An epoch should open although one school in five is late; with few schools a class of five would be all of them,
    so it shrinks with the network down to its floor.
    """
    late = max(0, schools - (schools + 4) // 5)
    min_issued = min(POLICY_DEFAULTS["min_issued"], max(POLICY_FLOORS["min_issued"], late))
    context_k = min(POLICY_DEFAULTS["context_k"], max(POLICY_FLOORS["context_k"], schools // 4))
    return Proposal(schools=schools, min_issued=min_issued, context_k=context_k)


def proposal_document(proposal: Proposal) -> dict[str, Any]:
    """As the API and `nic network found --json` answer."""
    return {
        "schools": proposal.schools,
        "min_issued": proposal.min_issued,
        "context_k": proposal.context_k,
        "is_enough": proposal.is_enough,
        "most_classes": proposal.most_classes,
        "warning": proposal.warning,
        "costs": [cost.text % cost.values for cost in costs_of(proposal)],
    }
