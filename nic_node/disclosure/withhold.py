"""Which cells of a table may show their numbers, and what can be worked out about those that may not.

A cell with fewer people than the minimum is withheld (primary). Then further cells are withheld (complementary), as
few and as small as it takes, until each withheld cell could still be anything in an interval at least LEAST_DOUBT
people wide. The attacker of this audit knows the grand totals and the exact numbers behind every printed cell, since
class and school sizes are often public: more than what is printed tells.

There are no margins: a table shows its cells or its totals, never both.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from federation.rules_printing import CELL_MINIMUM, band, printed_n
from nic_node.disclosure.feasible import Known, feasible_interval

LEAST_DOUBT = 10  # people: how wide every withheld cell's feasible interval has to be

Suppressed = Literal["primary", "complementary"]


@dataclass(frozen=True, slots=True)
class TableCell:
    """n people of whom x have what is counted; x is None where a table only counts people."""

    by: Mapping[str, str]
    n: int
    x: int | None = None


@dataclass(frozen=True, slots=True)
class ShownCell:
    """What a table shows of a cell.

    Attributes:
        n: the printed n, None where the cell is withheld.
        band: the printed band in percent, None where it is withheld or counts people only.
        suppressed: why it is withheld, None where it is printed.
        interval: what its x (its n, where there is no x) can be at least and at most; None where it is printed.
    """

    by: Mapping[str, str]
    n: int | Literal["<15"] | None = None
    band: tuple[int, int] | None = None
    suppressed: Suppressed | None = None
    interval: tuple[int, int] | None = None


def show_table(cells: Sequence[TableCell], minimum: int = CELL_MINIMUM) -> list[ShownCell]:
    """Every cell of a table, in its order: printed, or withheld with its feasible interval.

    Args:
        cells: of one table, all with an x or all without.
        minimum: people; a policy may ask for more than the federation's rule.
    """
    primary = {index for index, cell in enumerate(cells) if cell.n < max(minimum, CELL_MINIMUM)}
    withheld = set(primary)
    while withheld and len(withheld) < len(cells) and not leaves_doubt([cells[index] for index in withheld]):
        withheld.add(next_withheld(cells, withheld))
    interval = narrowest([cells[index] for index in withheld]) if withheld else None
    return [
        ShownCell(cell.by, suppressed="primary" if index in primary else "complementary", interval=interval)
        if index in withheld
        else ShownCell(cell.by, printed_n(cell.n), None if cell.x is None else band(cell.x, cell.n))
        for index, cell in enumerate(cells)
    ]


def next_withheld(cells: Sequence[TableCell], withheld: Collection[int]) -> int:
    """The smallest printed cell that gives enough doubt alone; where none does, the one that gives the most."""
    candidates = [index for index in range(len(cells)) if index not in withheld]
    lacks = LEAST_DOUBT - sum(doubted(cells[index]) for index in withheld)
    enough = [index for index in candidates if doubted(cells[index]) >= lacks]
    if enough:
        return min(enough, key=lambda index: (cells[index].n, index))
    return max(candidates, key=lambda index: (doubted(cells[index]), -cells[index].n))


def doubted(cell: TableCell) -> int:
    """How many people a withheld cell adds to what is unknown."""
    return cell.n if cell.x is None else cell.x


def leaves_doubt(withheld: Sequence[TableCell]) -> bool:
    """Whether both the people and the counts of each withheld cell stay LEAST_DOUBT wide."""
    people = [TableCell(cell.by, cell.n) for cell in withheld]
    audited = [people] if withheld[0].x is None else [people, withheld]
    return all(high - low >= LEAST_DOUBT for low, high in map(narrowest, audited))


def narrowest(withheld: Sequence[TableCell]) -> tuple[int, int]:
    """The feasible interval of a withheld cell's x (its n, where there is no x).

    The attacker takes the printed cells off the grand totals and knows what the withheld ones sum to, and nothing
    that tells one of them from another: so each has the same interval, and the other ones count as one.
    """
    people = float(sum(cell.n for cell in withheld))
    counted = [cell.x for cell in withheld if cell.x is not None]
    others = {1: 1.0} if len(withheld) > 1 else {}
    if not counted:
        return feasible_interval(0, Known(2, [({0: 1.0} | others, people)]))
    other_counts = {3: 1.0} if len(withheld) > 1 else {}
    totals = [({0: 1.0} | others, people), ({2: 1.0} | other_counts, float(sum(counted)))]
    at_most_all = [({2: 1.0, 0: -1.0}, 0.0), ({3: 1.0, 1: -1.0}, 0.0)]
    return feasible_interval(2, Known(4, totals, at_most_all))
