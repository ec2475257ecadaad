"""The results of a search as they are drawn: what is the same for everybody is drawn once and held.

A drawing is good for one state of the libraries: the shelf lets go of all of them when a log counts up, which the
transaction does that erases, so nothing that was taken back is shown after it. What is each reader's own (likeness, a
project here, the act that they may do, the token of their forms) is put between the parts.
"""

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from nic_node.web.drawings import SLOT, Drawings

CARD_BYTES: Final = 32 * 2**20
AROUND_BYTES: Final = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Card:
    """One practice as a result.

    Attributes:
        parts: around the reasons of the match, the network where it is another one, and the acts.
        look, start, compare: what can be done; `start` around its form's token, `compare` around the page's address.
    """

    record_id: str
    log_id: int
    is_abandoned: bool
    parts: tuple[Markup, Markup, Markup, Markup]
    look: Markup
    start: tuple[Markup, Markup]
    compare: tuple[Markup, Markup]

    def __len__(self) -> int:
        return sum(map(len, (self.record_id, self.look, *self.parts, *self.start, *self.compare)))


def slotted(drawn: str) -> tuple[Markup, ...]:
    """The parts around its slots."""
    return tuple(Markup(part) for part in drawn.split(SLOT))  # noqa: S704  # of what a macro drew and escaped


class Cards:
    """What is held of one state of the libraries: cards by (id, language), and what stands around those of a search."""

    def __init__(self) -> None:
        self.cards: Drawings[Card] = Drawings(CARD_BYTES)
        self.around: Drawings[Markup] = Drawings(AROUND_BYTES)
