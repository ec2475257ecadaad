"""What a coaching cycle and its notes hold, in and out of their sealed form."""

import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, TypeVar

from nic_node.keyring.operator_key import OperatorKey
from nic_node.keyring.sealing import open_bytes, seal_bytes, tag_bytes

CONTEXT = "coaching"
MOST_ID = 10**15 - 1
"""As long as an id in an address may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleContent:
    """Attributes: goal_id: a goal of the plan that it serves, if the pair wants to say so."""

    coach_id: int
    educator_id: int
    goal: str
    goal_id: int | None
    started_on: date
    ended_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteContent:
    """What was seen, as what the teacher and what the students did; the next step is seen by the pair alone.

    Attributes: number: its place in the cycle, from 1, as ids tell nothing.
    """

    by: int
    on: date
    teacher_action: str = ""
    student_action: str = ""
    feedback: str = ""
    next_step: str = ""
    due: date | None = None
    done_on: date | None = None
    number: int = 0


Content = TypeVar("Content", CycleContent, NoteContent)
DATES = ("started_on", "ended_on", "on", "due", "done_on")


def new_id() -> int:
    """By chance: ids in a row would tell whoever begins a cycle of their own how many others were begun meanwhile."""
    return secrets.randbelow(MOST_ID) + 1


def seal_content(key: OperatorKey, content: CycleContent | NoteContent) -> bytes:
    document = {
        name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(content).items()
    }
    return seal_bytes(key, json.dumps(document).encode(), context=f"{CONTEXT}.{type(content).__name__}")


def open_content(key: OperatorKey, sealed: bytes, kind: type[Content]) -> Content:
    """Raises SealBroken, WrongOperatorKey."""
    document: dict[str, Any] = json.loads(open_bytes(key, sealed, context=f"{CONTEXT}.{kind.__name__}"))
    for name in DATES:
        if document.get(name):
            document[name] = date.fromisoformat(document[name])
    return kind(**document)


def changed(content: Content, values: dict[str, Any]) -> Content:
    return replace(content, **values)


def tag_of(key: OperatorKey, person_id: int) -> bytes:
    """By which a person's cycles are found, and counted, without naming anybody."""
    return tag_bytes(key, str(person_id), context=CONTEXT)
