"""Names of students and families out of the sealed roster, for papers that the school itself prints."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import people_of
from nic_node.clock import Clock, day_at
from nic_node.disclosure.text.folding import fold
from nic_node.disclosure.text.marks import Spans
from nic_node.disclosure.text.roster import Role, Roster, build_roster
from nic_node.disclosure.text.scan import find_names
from nic_node.disclosure.wording import ROSTER_STALE_AFTER
from nic_node.keyring.operator_key import OperatorKey
from nic_node.publishing.roster import CONTEXT
from nic_node.publishing.sealing import open_document
from nic_node.publishing.tables import RosterRow
from nic_node.publishing.terms import allow_list_of
from nic_node.school.known_names import NOBODY, KnownNames

WORKS_HERE: Role = "teacher"
TITLE = r"(?:mr|ms|mrs|mx|dr|coach|principal|sr|sra|maestr[oa])\.? "
BUNDLED = {"programmes": ()}
"""A paper of the school belongs to no network, which might list programmes of its own."""


class StudentNames:
    """Finds names in texts; compiles the roster once for each time that it is filled."""

    def __init__(self, operator_key: OperatorKey, clock: Clock, zone: str) -> None:
        self._operator_key = operator_key
        self._clock = clock
        self._zone = zone
        self._compiled: tuple[datetime, Roster] | None = None

    async def __call__(self, session: AsyncSession) -> KnownNames:
        row = (await session.execute(select(RosterRow.updated_at, RosterRow.as_of, RosterRow.entries))).one_or_none()
        if row is None or not row.entries:
            return NOBODY
        if self._compiled is None or self._compiled[0] != row.updated_at:
            sealed = (await session.scalars(select(RosterRow.sealed))).one()
            self._compiled = (row.updated_at, await asyncio.to_thread(self._compile, sealed))
        roster = self._compiled[1]
        # They may be named, also where a student is called like them.
        works_here = _staff_pattern(person.name for person in await people_of(session, include_inactive=True))
        return KnownNames(
            spans_in=lambda text: self._spans(text, roster, works_here),
            are_old=day_at(self._clock(), self._zone) - row.as_of > ROSTER_STALE_AFTER,
        )

    def _compile(self, sealed: bytes) -> Roster:
        kept: Iterable[tuple[str, str, Role | None]]
        kept = open_document(self._operator_key, sealed, context=CONTEXT)["entries"]
        roles = {text: role for text, kind, role in kept if kind == "PERSON" and role != WORKS_HERE}
        return build_roster({"PERSON": list(roles)}, roles={text: role for text, role in roles.items() if role})

    def _spans(self, text: str, roster: Roster, works_here: re.Pattern[str]) -> Sequence[tuple[int, int]]:
        shown = Spans(found.span() for found in works_here.finditer(text))
        marks = find_names(text, roster, allow_list_of(BUNDLED))
        return [(mark.start, mark.end) for mark in marks if not shown.hold(mark.start, mark.end)]


def _staff_pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Whole names of who works here, and their last names after a title: 'Jin Park', 'Ms. Park'."""
    folded = [fold(name).text for name in names if name.split()]
    forms = [re.escape(name) for name in folded] + [TITLE + re.escape(name.split()[-1]) for name in folded]
    return re.compile("|".join(rf"\b{form}\b" for form in forms) or r"(?!)", re.IGNORECASE)
