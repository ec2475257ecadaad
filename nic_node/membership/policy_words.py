"""A network's policy in the words of those who accept it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nic_node.i18n import N_

DAY: Final = 86_400
HOUR: Final = 3_600
MINUTE: Final = 60
READ_ACROSS: Final = N_("are read by the members of the other networks below it")
READ_APART: Final = N_("are read by their own members alone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term of a policy: a label and a sentence of the catalogue with `values` to put in."""

    name: str
    label: str
    text: str
    values: Mapping[str, Any]


def policy_terms(policy: Mapping[str, Any], *, is_whole: bool = False) -> list[Term]:
    """What a school agrees to, in the order in which it matters to it; whole, down to the last number."""
    terms = [
        Term(name=name, label=label, text=text, values={"n": shown(policy[name])})
        for name, label, text, shown in (*_TERMS, *(_REST if is_whole else ()))
    ]
    if "reads_across" in policy:
        text = READ_ACROSS if policy["reads_across"] else READ_APART
        terms.append(Term(name="reads_across", label=N_("Networks below this one"), text=text, values={}))
    return terms


def listed(items: Sequence[Any]) -> str:
    """Ids and names as people read them."""
    return ", ".join(str(item).replace("_", " ") for item in items) or "–"


def duration(seconds: int) -> str:
    """'14 days', '24 hours', '90 seconds': in the largest unit that divides it."""
    for size, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds % size == 0 and seconds // size > 1:
            return f"{seconds // size} {name}s"
        if seconds == size and size != DAY:
            return f"1 {name}"
    if seconds == DAY:
        return "24 hours"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


_TERMS: Final[tuple[tuple[str, str, str, Callable[[Any], Any]], ...]] = (
    (
        "min_issued",
        N_("Anonymous among"),
        N_("a term opens only once at least %(n)s schools take part"),
        str,
    ),
    (
        "context_k",
        N_("A kind of school"),
        N_("is told only where at least %(n)s members share it"),
        str,
    ),
    ("cell_minimum", N_("A printed group"), N_("has at least %(n)s people in it"), str),
    ("active_seconds", N_("A term lasts"), "%(n)s", duration),
    ("issue_seconds", N_("Signing up for a term"), N_("is open for %(n)s before it"), duration),
    ("slot_seconds", N_("Your node sends"), N_("one sealed envelope every %(n)s, full or empty"), duration),
    ("membership_days", N_("Membership lasts"), N_("%(n)s days, then it is renewed"), str),
    ("approvals_required", N_("Coordinators who approve"), "%(n)s", str),
)
_REST: Final[tuple[tuple[str, str, str, Callable[[Any], Any]], ...]] = (
    ("register_slots", N_("Before a term opens"), N_("%(n)s slots pass after signing up"), str),
    ("versions_per_practice", N_("A practice"), N_("is published, corrected and followed up %(n)s times in all"), str),
    ("version_gap_days", N_("Between two versions"), N_("at least %(n)s days pass"), str),
    (
        "group_change_minimum",
        N_("A changed group"),
        N_("is refused when it differs from an earlier release by fewer than %(n)s people"),
        str,
    ),
    ("retract_spread_seconds", N_("When many take something back"), N_("it is spread over %(n)s"), duration),
    ("context_ranking", N_("Of a kind of school is told, in this order"), "%(n)s", listed),
    ("programmes", N_("Programs that a text may name"), "%(n)s", listed),
    ("accepted_versions", N_("Versions of records that are taken"), "%(n)s", listed),
)
