"""Minutes that were written elsewhere: pasted, read into a preview, and kept as decisions, action items and notes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import InvalidInput
from nic_node.i18n import N_, filled
from nic_node.school.actions.read_line import read_line
from nic_node.school.actions.write import add_action
from nic_node.school.meetings.agenda import ROUTINE, AgendaLine
from nic_node.school.meetings.hold import decide
from nic_node.school.meetings.plan import add_item, change_item

KINDS: Mapping[str, str] = {
    "decision": N_("Decision"),
    "action": N_("Action item"),
    "note": N_("Note"),
    "skip": N_("Leave it out"),
}
MOST_LINES = 200
LONGEST = {"decision": 400, "action": 300, "note": 1000}
NOTES = N_("Notes from elsewhere")
BULLET = re.compile(r"^\s*(?:[-*•–]|\d+[.)])\s+")
TICK_BOX = re.compile(r"^\s*[-*]?\s*\[[ xX]?\]\s*")
DECISION = re.compile(
    r"^(?:decisions?|decided|agreed|resolved)\s*(?::|-|–)\s*|^we\s+(?:decided|agreed)\s+(?:to\s+)?", re.IGNORECASE
)
ACTION = re.compile(r"^(?:actions?(?:\s+items?)?|to[ -]?do|next\s+steps?)\s*(?::|-|–)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PastedLine:
    """`kind` is one of KINDS."""

    kind: str
    text: str


def read_pasted(text: str, people: Mapping[int, str]) -> list[PastedLine]:
    """A guess at each line that is not empty; a person looks at all of them before anything is kept.

    Raises:
        InvalidInput: field 'text', for more lines than a person would look at.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise InvalidInput({"text": [N_("Paste the minutes first.")]})
    if len(lines) > MOST_LINES:
        raise InvalidInput(
            {
                "text": [
                    filled(
                        N_("These are {n} lines. Paste the part with the decisions, up to {most}."),
                        n=len(lines),
                        most=MOST_LINES,
                    )
                ]
            }
        )
    return [_read_one(line, people) for line in lines]


def _read_one(line: str, people: Mapping[int, str]) -> PastedLine:
    ticked = TICK_BOX.match(line)
    words = " ".join((line[ticked.end() :] if ticked else BULLET.sub("", line)).split())
    if said := DECISION.match(words):
        return PastedLine("decision", _cut("decision", words[said.end() :]))
    if said := ACTION.match(words):
        return PastedLine("action", _cut("action", _with_owner(words[said.end() :], people)))
    named = _with_owner(words, people)
    is_action = ticked is not None or named != words or "@" in words
    kind = "action" if is_action else "note"
    return PastedLine(kind, _cut(kind, named if is_action else words))


def _with_owner(words: str, people: Mapping[int, str]) -> str:
    """'Jin to print the form' and 'Jin: print the form' as 'print the form @Jin'."""
    for name in sorted({called for one in people.values() for called in (one, one.split()[0])}, key=len, reverse=True):
        found = re.match(rf"{re.escape(name)}\s*(?::|\s(?:to|will)\s)\s*(?P<what>\S.*)$", words, re.IGNORECASE)
        if found:
            return f"{found['what']} @{name}"
    return words


def _cut(kind: str, words: str) -> str:
    return words[: LONGEST[kind]]


async def keep_pasted(
    session: AsyncSession,
    *,
    actor: Actor,
    meeting_id: int,
    lines: Sequence[PastedLine],
    people: Mapping[int, str],
    today: date,
    now: datetime,
) -> dict[str, int]:
    """Keep what the preview showed, all of it or nothing; how many of each kind.

    Raises:
        NotFound.
        InvalidInput: field 'lines.N', for a line that can't be kept so.
    """
    counts = dict.fromkeys(KINDS, 0)
    notes = []
    for place, line in enumerate(lines):
        kind = line.kind if line.text.strip() else "skip"
        if kind not in KINDS:
            raise InvalidInput({f"lines.{place}": [N_("Choose what this line is.")]})
        counts[kind] += 1
        try:
            if kind == "decision":
                await decide(session, actor=actor, meeting_id=meeting_id, item_id=None, text=line.text, now=now)
            elif kind == "action":
                read = read_line(line.text, people, today)
                values = {"text": read.text, "owner_id": read.owner_id, "due": read.due, "meeting_id": meeting_id}
                await add_action(session, actor=actor, values=values, today=today, now=now)
            elif kind == "note":
                notes.append(line.text.strip())
        except InvalidInput as error:
            sentences = [sentence for said in error.fields.values() for sentence in said]
            raise InvalidInput({f"lines.{place}": sentences}) from error
    if notes:
        await _keep_notes(session, actor, meeting_id, "\n".join(notes), now)
    return counts


async def _keep_notes(session: AsyncSession, actor: Actor, meeting_id: int, text: str, now: datetime) -> None:
    item = await add_item(
        session, actor=actor, meeting_id=meeting_id, line=AgendaLine(text=NOTES, minutes=0, topic=ROUTINE), now=now
    )
    await change_item(session, actor=actor, item_id=item.id, values={"notes": text}, version=item.version, now=now)
