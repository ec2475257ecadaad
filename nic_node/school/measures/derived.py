"""Measures that are worked out from two counts: events per 100, or how many of how many, day by day.

Nothing is stored twice: their numbers are made of the two counts whenever they are read. A day counts where both have a
number; what is left out of one of them is left out here too, with its reason.
"""

from collections.abc import Sequence

from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.measures.numbers import NUMBER_FIELDS, bounds_of, build_numbers
from nic_node.school.measures.tables import Measure, Observed

NO_ID = 0  # they are no rows of their own
WORKED_OUT = N_("This measure is worked out from two counts: add the numbers there.")
IMPOSSIBLE = N_("The two counts of this day don't fit each other")


def is_derived(measure: Measure) -> bool:
    return measure.numerator_id is not None


def derive(measure: Measure, numerators: Sequence[Observed], denominators: Sequence[Observed]) -> list[Observed]:
    """The numbers of a derived measure, in time order."""
    below = {observation.period: observation for observation in denominators}
    return [_derived(measure, top, below[top.period]) for top in numerators if top.period in below]


def _derived(measure: Measure, top: Observed, below: Observed) -> Observed:
    reason = top.excluded_because or below.excluded_because
    of = "exposure" if measure.unit == "rate" else "n"
    try:
        given = {"x": top.value, of: below.value}
        numbers = build_numbers(measure.unit, bounds_of(measure.unit, None, None), given).document()
    except InvalidInput:
        numbers, reason = dict.fromkeys(NUMBER_FIELDS), reason or IMPOSSIBLE
    return Observed(
        id=NO_ID,
        measure_id=measure.id,
        period=top.period,
        **numbers,
        note="; ".join(note for note in (top.note, below.note) if note),
        excluded_because=reason,
        import_id=None,
        entered_by=None,
        entered_at=max(top.entered_at, below.entered_at),
        version=0,
    )
