"""A page to look at: whose node, who opens it, at which address."""

from collections.abc import Callable
from dataclasses import dataclass

from nic_node.demo.cast import COORDINATOR, LEADS, REVIEWERS, Cast, School, email_of
from tests.demo.browser.stage import Stage

NOBODY, LEAD, REVIEWER = "nobody", "lead", "reviewer"


@dataclass(frozen=True, slots=True)
class Seen:
    """What addresses are made of."""

    cast: Cast
    stage: Stage

    def path(self, address: "Address") -> str:
        return address if isinstance(address, str) else address(self)


Address = str | Callable[[Seen], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A page to look at.

    Attributes:
        node: whose node.
        who: who opens it there.
        also: addresses of the same page in other states, such as an empty one.
    """

    address: Address
    node: str = "harbor"
    who: str = LEAD
    also: tuple[Address, ...] = ()

    def school(self, cast: Cast) -> School:
        return cast.host if self.node == COORDINATOR else cast.schools[self.node]

    def email(self) -> str:
        return email_of(REVIEWERS[self.node] if self.who == REVIEWER else LEADS[self.node])
