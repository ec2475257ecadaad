"""Measures that are worked out from two counts: events per 100, or how many of how many, day by day.

Nothing is stored twice: their numbers are made of the two counts whenever they are read. A day counts where both have a
number; what is left out of one of them is left out here too, with its reason.
"""

from collections.abc import Sequence

from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.measures.numbers import bounds_of, build_numbers
from nic_node.school.measures.tables import Measure, Observation

NO_ID = 0  # they are no rows of their own
WORKED_OUT = N_("This measure is worked out from two counts: add the numbers there.")
IMPOSSIBLE = N_("The two counts of this day don't fit each other")


def is_derived(measure: Measure) -> bool:
    return measure.numerator_id is not None


def derive(
    measure: Measure, numerators: Sequence[Observation], denominators: Sequence[Observation]
) -> list[Observation]:
    """The numbers of a derived measure, in time order."""
    below = {observation.period: observation for observation in denominators}
    return [_derived(measure, top, below[top.period]) for top in numerators if top.period in below]


def _derived(measure: Measure, top: Observation, below: Observation) -> Observation:
    reason = top.excluded_because or below.excluded_because
    found = Observation(
        id=NO_ID,
        measure_id=measure.id,
        period=top.period,
        value=None,
        note="; ".join(note for note in (top.note, below.note) if note),
        excluded_because=reason,
        entered_at=max(top.entered_at, below.entered_at),
        version=0,
    )
    of = "exposure" if measure.unit == "rate" else "n"
    try:
        numbers = build_numbers(measure.unit, bounds_of(measure.unit, None, None), {"x": top.value, of: below.value})
    except InvalidInput:
        found.excluded_because = reason or IMPOSSIBLE
        return found
    for name, number in numbers.document().items():
        setattr(found, name, number)
    return found
