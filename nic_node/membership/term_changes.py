"""What a new charter or policy changes for a member, in plain sentences: before, after, and what follows from it.

Pure. The sentences stand in the catalogue with `values` to put in; a test holds them against the policy's schema.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nic_node.i18n import N_
from nic_node.membership.policy_words import duration, listed
from schemas.vocab import IDEAS, MEASURES, PROBLEMS


@dataclass(frozen=True, slots=True, kw_only=True)
class TermChange:
    """One number or list of the policy that another version has otherwise.

    Attributes:
        effect: what it means for a member; it may use all of `values`.
        values: {before, after} as people say them.
    """

    name: str
    label: str
    effect: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChange:
    """One text of the charter: new, changed, or gone; `before` and `after` are whole texts, "" where there is none."""

    name: str
    label: str
    before: str
    after: str


def policy_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[TermChange]:
    """In the order in which it matters to a school."""
    pairs = [(words, _value(words, before), _value(words, after)) for words in _WORDS]
    return [_change(words, one, other) for words, one, other in pairs if _differs(one, other)]


def charter_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[TextChange]:
    """In the order in which a charter is read."""
    return [
        TextChange(name=name, label=label, before=_text(before.get(name)), after=_text(after.get(name)))
        for name, label in CHARTER_LABELS.items()
        if before.get(name) != after.get(name)
    ]


CHARTER_LABELS: Final[Mapping[str, str]] = {
    "name": N_("Name of the network"),
    "purpose": N_("What it is for"),
    "aim": N_("Aim"),
    "theory": N_("Working theory"),
    "conduct": N_("How we treat each other"),
    "contact": N_("Whom to ask"),
    "common": N_("What everybody looks at"),
    "drivers": N_("Driver diagram"),
}


@dataclass(frozen=True, slots=True)
class _Words:
    """How a change of one field is told: `more` where it grew, `less` where it shrank; for lists both are the same."""

    name: str
    label: str
    shown: Callable[[Any], str]
    more: str
    less: str


def _value(words: _Words, policy: Mapping[str, Any]) -> Any:
    """What may be left out of a policy is 'no'."""
    return policy.get(words.name, False)


def _differs(one: Any, other: Any) -> bool:
    return bool(list(one) != list(other)) if isinstance(one, list | tuple) else bool(one != other)


def _change(words: _Words, before: Any, after: Any) -> TermChange:
    grew = before < after if isinstance(before, int) and isinstance(after, int) else True
    values = {"before": words.shown(before), "after": words.shown(after)}
    return TermChange(name=words.name, label=words.label, effect=words.more if grew else words.less, values=values)


def _yes_or_no(says: object) -> str:
    return "yes" if says else "no"


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _named(ids: Iterable[str]) -> str:
    """Ids of closed lists by their labels; what is on none stands as it is."""
    known = {**PROBLEMS, **MEASURES, **IDEAS}
    return listed([known[one].label if one in known else one for one in ids])


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {_named(ids)}" for name, ids in value.items())
    if isinstance(value, list):
        return "\n".join(f"{driver['name']}: {_named(driver.get('ideas', ()))}" for driver in value)
    return str(value or "")


_SAME: Final = ""
_WORDS: Final = tuple(
    _Words(name, label, shown, more, less or more)
    for name, label, shown, more, less in (
        (
            "min_issued", N_("Schools that a term needs"), str,
            N_("You hide among more schools: what you share is by one of %(after)s at least. A term may open later."),
            N_("You hide among fewer schools: what you share is by one of %(after)s at least. A term opens sooner."),
        ),
        (
            "context_k", N_("Schools that a kind of school needs"), str,
            N_("What is told of your kind of school gets vaguer: %(after)s members share it at the least."),
            N_("What is told of your kind of school gets finer: it may be shared by no more than %(after)s members."),
        ),
        (
            "cell_minimum", N_("People in a printed group"), str,
            N_("Groups of fewer than %(after)s people are no longer printed: more of your numbers stay hidden."),
            N_("Groups of %(after)s people and more are printed: more of your numbers are told."),
        ),
        (
            "group_change_minimum", N_("How far a group must differ"), str,
            N_("A group that differs from an earlier release by fewer than %(after)s people is refused."), _SAME,
        ),
        (
            "slot_seconds", N_("Your node sends every"), duration,
            N_("Your node sends one sealed envelope every %(after)s: what you share appears later."),
            N_("Your node sends one sealed envelope every %(after)s: what you share appears sooner."),
        ),
        (
            "active_seconds", N_("A term lasts"), duration,
            N_("You share under one pseudonym for %(after)s, then under a new one."), _SAME,
        ),
        (
            "issue_seconds", N_("Signing up is open for"), duration,
            N_("Your node has %(after)s to sign up for a term; it does so by itself while it is on."), _SAME,
        ),
        (
            "register_slots", N_("Slots before a term opens"), str,
            N_("After signing up, %(after)s slots pass before a term opens."), _SAME,
        ),
        (
            "membership_days", N_("A membership lasts"), _days,
            N_("From your next renewal on, your membership lasts %(after)s."), _SAME,
        ),
        (
            "approvals_required", N_("Coordinators who approve"), str,
            N_("More coordinators have to agree before a school is let in: %(after)s."),
            N_("Fewer coordinators have to agree before a school is let in: %(after)s."),
        ),
        (
            "versions_per_practice", N_("Versions of a practice"), str,
            N_("You may publish a practice, its corrections and follow-ups %(after)s times in all."), _SAME,
        ),
        (
            "version_gap_days", N_("Between two versions"), _days,
            N_("Between two versions of a practice %(after)s pass at the least."), _SAME,
        ),
        (
            "retract_spread_seconds", N_("Taking back is spread over"), duration,
            N_("When many take something back at once, it is spread over %(after)s."), _SAME,
        ),
        (
            "context_ranking", N_("What is told first of a school"), listed,
            N_("What is told of a kind of school is kept in this order, as far as enough members share it: %(after)s."),
            _SAME,
        ),
        (
            "programmes", N_("Programs that may be named"), listed,
            N_("These programs may be named in a text: %(after)s."), _SAME,
        ),
        (
            "accepted_versions", N_("Versions of records"), listed,
            N_("Records of version %(after)s are taken. Your node says so when it needs a newer program."), _SAME,
        ),
        (
            "reads_across", N_("Reading across the networks below"), _yes_or_no,
            N_("The networks below this one are read by the members of the others, too."),
            N_("The networks below this one are read by their own members alone; copies elsewhere are erased."),
        ),
    )
)  # fmt: skip
"""Every field of the policy but its head."""
