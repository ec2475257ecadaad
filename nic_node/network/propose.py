"""What a founder is offered: numbers from how many schools are sure to join, and what each of them costs.

Pure. The numbers follow privacy's two promises: a record is by one of `min_issued` schools, and a context class
names at least `context_k` of them. Floors stand in `schemas.policy`.
"""

from dataclasses import dataclass
from typing import Final

from schemas.policy import POLICY_DEFAULTS, POLICY_FLOORS

FEWEST_SCHOOLS: Final = POLICY_FLOORS["min_issued"]


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
    def most_classes(self) -> int:
        """At most so many context classes can be told apart."""
        return self.schools // self.context_k


def propose(schools: int) -> Proposal:
    """From how many schools are sure to take part.

    An epoch should open although one school in five is late; with few schools a class of five would be all of them,
    so it shrinks with the network down to its floor.
    """
    late = max(0, schools - (schools + 4) // 5)
    min_issued = min(POLICY_DEFAULTS["min_issued"], max(POLICY_FLOORS["min_issued"], late))
    context_k = min(POLICY_DEFAULTS["context_k"], max(POLICY_FLOORS["context_k"], schools // 4))
    return Proposal(schools=schools, min_issued=min_issued, context_k=context_k)
