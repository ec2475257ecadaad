"""Terms of the school's calendar (OneRoster's academic sessions): kept once, put right when they are brought again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.editing import far_off, keep_changes, keep_new
from nic_node.school.team.tables import Term

KINDS: Final[Mapping[str, str]] = {
    "school-year": N_("School year"),
    "semester": N_("Semester"),
    "term": N_("Term"),
    "grading-period": N_("Grading period"),
}
LONGEST_TITLE: Final = 80
LONGEST_SOURCE: Final = 64
MOST: Final = 80
COLUMNS: Final = ("title", "kind", "school_year", "starts_on", "ends_on")
NEW, CHANGED, HERE = "new", "changed", "here"


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtTerm:
    """A term as it came. Attributes: source: its id where it comes from; parent: that of the term it is part of, or ''.

    `ends_on` is its last day. `state`: NEW here, CHANGED against what is here, or HERE as it is.
    """

    source: str
    title: str
    kind: str
    school_year: str
    starts_on: date
    ends_on: date
    parent: str = ""
    state: str = NEW


async def compare_terms(session: AsyncSession, brought: Sequence[BroughtTerm]) -> dict[str, str]:
    """Source -> state."""
    known = {row.source: row for row in await session.scalars(select(Term))}
    names = {row.id: row.source for row in known.values()}

    def state_of(term: BroughtTerm) -> str:
        row = known.get(term.source)
        if row is None:
            return NEW
        is_alike = all(getattr(row, name) == getattr(term, name) for name in COLUMNS)
        # One whose whole is not brought along stays under none.
        parent = term.parent if term.parent in {one.source for one in brought} | known.keys() else ""
        return HERE if is_alike and names.get(row.parent_id or 0, "") == parent else CHANGED

    return {term.source: state_of(term) for term in brought}


async def keep_terms(
    session: AsyncSession, brought: Sequence[BroughtTerm], *, actor: Actor, today: date, now: datetime
) -> int:
    """Add what is new and put right what changed; how many that were. A term that is not among them stays.

    Raises:
        InvalidInput: 'terms.N' for the N-th, from 0; then nothing is kept.
    """
    _verify(brought, today)
    states = await compare_terms(session, brought)
    rows = {row.source: row for row in await session.scalars(select(Term).with_for_update())}
    wanted = [term for term in brought if states[term.source] != HERE]
    given: dict[str, dict[str, Any]] = {term.source: {name: getattr(term, name) for name in COLUMNS} for term in wanted}
    order = list(KINDS)
    for term in sorted(wanted, key=lambda one: order.index(one.kind)):  # wholes before their parts
        parent = rows.get(term.parent)
        values = given[term.source] | {"parent_id": parent.id if parent is not None else None}
        row = rows.get(term.source)
        if row is None:
            new = Term(source=term.source, **values)
            rows[term.source] = await keep_new(session, new, actor=actor, action="term.added", now=now)
        else:
            await keep_changes(session, row, values, actor=actor, action="term.changed", now=now)
    return len(wanted)


async def terms_since(session: AsyncSession, since: date) -> Sequence[Term]:
    """Those that end on `since` or later, in order, the longest first of those that begin together."""
    chosen = select(Term).where(Term.ends_on >= since).order_by(Term.starts_on, Term.ends_on.desc(), Term.id)
    return (await session.scalars(chosen)).all()


def shortest_on(terms: Sequence[Term], day: date) -> Term | None:
    """The narrowest of the terms that a day lies in: the grading period before the semester."""
    around = [term for term in terms if term.starts_on <= day <= term.ends_on and term.kind != "school-year"]
    return min(around, key=lambda term: (term.ends_on - term.starts_on, term.id), default=None)


def _verify(brought: Sequence[BroughtTerm], today: date) -> None:
    said: dict[str, list[str]] = {}
    for at, term in enumerate(brought):
        wrong = far_off(term.starts_on, today) or far_off(term.ends_on, today)
        if term.kind not in KINDS or not 0 < len(term.source) <= LONGEST_SOURCE:
            wrong = N_("This is no term as an export names it. Bring the export again.")
        elif not 0 < len(term.title.strip()) <= LONGEST_TITLE:
            wrong = N_("A term has a title of up to 80 characters.")
        elif term.ends_on < term.starts_on:
            wrong = N_("This is before the first day.")
        if wrong:
            said[f"terms.{at}"] = [wrong]
    if len(brought) > MOST or len({term.source for term in brought}) < len(brought):
        said["terms"] = [N_("These are too many terms, or one of them twice. Export this school's alone.")]
    if said:
        raise InvalidInput(said)
