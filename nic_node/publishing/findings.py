"""Findings as a reviewer decides them: those that say the same of the same words are one, with one decision."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.disclosure.draft import Draft, Finding, Phrase, TextChange
from nic_node.disclosure.finding_words import explained, words_for
from nic_node.i18n import N_
from nic_node.publishing.tables import DraftRow, FindingDecision

Choices = tuple[tuple[str, str], ...]
REWORDED: Final = "reworded"
UNKNOWN_NAME: Final = "UNKNOWN_NAME"
KEEPS_OPEN: Final = frozenset({"ask-privacy"})
REWORD: Final = ("reword", N_("Reword"))
LEAVE_OUT: Final = ("leave-out", N_("Leave it out"))
PUT_BACK: Final = ("put-back", N_("Put it back"))
ASK_PRIVACY: Final = ("ask-privacy", N_("Ask privacy"))
BY_CODE: Final[Mapping[str, Choices]] = MappingProxyType(
    {
        UNKNOWN_NAME: (
            ("programme", N_("Program")),
            ("own", N_("Our own")),
            ("person", N_("Person")),
            ("place", N_("Place")),
        ),
        REWORDED: (("accept", N_("Rewritten")), REWORD),
        "too-many": (("accept", N_("Fine")), ASK_PRIVACY),
        "left-out": (("accept", N_("Left out")), PUT_BACK),
        "context-left-out": (("accept", N_("Left out")), PUT_BACK),
        "group-unclear": (("accept", N_("Other students")), LEAVE_OUT, ASK_PRIVACY),
        "point-changed": (("accept", N_("A number was mended")), LEAVE_OUT, ASK_PRIVACY),
    }
)
BY_STAGE: Final[Mapping[str, Choices]] = MappingProxyType(
    {
        "text": (("accept", N_("Replaced")), REWORD),
        "cells": (("accept", N_("Left out")), ASK_PRIVACY),
    }
)
BLOCKS_THAT_STAY_HERE: Final = frozenset({"history", "intruder"})
"""What these stages refuse may stay here as a whole; the rest of the draft leaves without it."""
ELSE: Final[Choices] = (("accept", N_("Noted")), ASK_PRIVACY)
PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "title": N_("the title"),
        "problem": N_("the problem"),
        "idea": N_("the idea"),
        "steps": N_("the steps"),
        "adaptable": N_("what may be adapted"),
        "materials": N_("the materials"),
        "conditions": N_("the conditions"),
        "lessons": N_("the lessons"),
        "changed": N_("what you changed"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundItem:
    """One decision.

    Attributes:
        key: stable over another preparation of the same words; what a decision is kept under.
        paths: where it was found; the first is where 'Reword' leads.
        choices: (value, label); empty where only the author can mend it.
        decided: the choice that stands; None where nobody decided.
    """

    number: int
    key: str
    stage: str
    code: str
    severity: str
    paths: tuple[str, ...]
    before: str | None
    after: str | None
    title: Phrase
    why: Phrase
    explained: Phrase
    choices: Choices
    decided: str | None

    @property
    def open(self) -> bool:
        """Whether a person still has to decide, or to rewrite."""
        return self.severity == "block" or self.decided is None or self.decided in KEEPS_OPEN


async def list_findings(session: AsyncSession, row: DraftRow, draft: Draft) -> tuple[FoundItem, ...]:
    """The draft's findings and rewordings, numbered in the order of the page."""
    decided = await decisions_of(session, row.id)
    groups: dict[str, list[Finding]] = {}
    for finding in draft.findings:
        groups.setdefault(key_of(finding), []).append(finding)
    items = [_item(key, found, decided) for key, found in groups.items()]
    items += await _rewordings(session, row, draft.texts, decided)
    # What is in the text first, as it is read; then numbers, rung, context.
    items.sort(key=lambda item: item.stage != "text")
    return tuple(replace(item, number=number) for number, item in enumerate(items, start=1))


async def decisions_of(session: AsyncSession, draft_id: int | None) -> dict[str, str]:
    """Finding key -> choice."""
    if draft_id is None:
        return {}
    found = await session.execute(
        select(FindingDecision.finding, FindingDecision.choice).where(FindingDecision.draft_id == draft_id)
    )
    return {key: choice for key, choice in found}  # noqa: C416 - dict() takes a result for a mapping


def key_of(finding: Finding) -> str:
    """The same words found twice are one decision; of all else, each place is its own."""
    where = finding.before if finding.stage == "text" and finding.before else finding.path
    told = [finding.stage, finding.code, finding.source, where]
    return sha256(json.dumps(told).encode()).hexdigest()[:16]


def reworded_key(path: str, text: str) -> str:
    """A text that is reworded again is a new decision."""
    return sha256(json.dumps([REWORDED, path, text]).encode()).hexdigest()[:16]


def choices_for(stage: str, code: str, severity: str, path: str) -> Choices:
    if severity == "block":
        if stage in BLOCKS_THAT_STAY_HERE and path.startswith(("/measures/", "/context")):
            return (LEAVE_OUT,)
        return (REWORD,) if is_text(path) else ()
    return BY_CODE.get(code) or BY_STAGE.get(stage, ELSE)


def is_text(path: str) -> bool:
    """Whether a path leads to words that a person can rewrite."""
    first = path.split("/")[1] if "/" in path else ""
    return first in PLACES


def place_of(path: str) -> str:
    """Where in the record a text stands, in words."""
    return PLACES.get(path.split("/")[1] if "/" in path else "", N_("the record"))


def _item(key: str, found: Sequence[Finding], decided: Mapping[str, str]) -> FoundItem:
    first = found[0]
    words = words_for(first)
    severity = "block" if any(finding.severity == "block" for finding in found) else first.severity
    return FoundItem(
        number=0,
        key=key,
        stage=first.stage,
        code=first.code,
        severity=severity,
        paths=tuple(dict.fromkeys(finding.path for finding in found)),
        before=first.before,
        after=first.after,
        title=words.title,
        why=words.why,
        explained=explained(first),
        choices=choices_for(first.stage, first.code, severity, first.path),
        decided=decided.get(key),
    )


async def _rewordings(
    session: AsyncSession, row: DraftRow, texts: Sequence[TextChange], decided: Mapping[str, str]
) -> list[FoundItem]:
    """What a person wrote in place of the author's words is decided like everything else."""
    names = await person_names(session, {edit["person_id"] for edit in row.edits.values()})
    shown = {change.path for change in texts}
    items = []
    for path, edit in row.edits.items():
        if path not in shown:
            continue
        key = reworded_key(path, edit["text"])
        by = {"name": names.get(edit["person_id"], ""), "place": Phrase(place_of(path))}
        items.append(
            FoundItem(
                number=0,
                key=key,
                stage="text",
                code=REWORDED,
                severity="info",
                paths=(path,),
                before=None,
                after=None,
                title=Phrase(N_("New words in {place}"), by),
                why=Phrase(N_("rewritten by {name}"), by),
                explained=Phrase(N_("A person wrote these words in place of the author’s; they were scanned too.")),
                choices=BY_CODE[REWORDED],
                decided=decided.get(key),
            )
        )
    return items
