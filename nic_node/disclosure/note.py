"""What people write to other schools, a question or an answer: the stages of a practice that words need."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from federation.rules_text import texts_of
from nic_node.disclosure.draft import Answer, Draft, Finding, Given, Kind, Surroundings
from nic_node.disclosure.fields import check_vocabulary, with_text
from nic_node.disclosure.intruder import find_canaries
from nic_node.disclosure.prepare import NOTHING_AROUND, check_as_receiver
from nic_node.disclosure.printer import print_measure
from nic_node.disclosure.text.allow_list import AllowList
from nic_node.disclosure.text.roster import Roster
from nic_node.disclosure.wording import is_roster_stale, scrub_record
from schemas.text import normal_text

NOTE_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "question": ("target", "text", "chips"),
    "answer": ("target", "text", "practice"),
}
"""Kind -> the fields that may leave; nothing else is copied."""

OF_THE_LOG: Final = frozenset({"target", "practice"})
"""What names other records: hosts of the network stand here, and are everybody's."""


def prepare_note(
    kind: Kind,
    written: Mapping[str, Any],
    *,
    roster: Roster,
    allow_list: AllowList,
    policy: Mapping[str, Any],
    today: date,
    edits: Mapping[str, str] | None = None,
    names: Mapping[str, Answer] | None = None,
    surroundings: Surroundings = NOTHING_AROUND,
    points_to_own: bool = False,
) -> Draft:
    """The record that would leave, with everything that a reviewer has to see.

    Without a roster that can be trusted nothing leaves at all: of a practice the slots would, a note is prose alone.

    Args:
        written: as the author wrote it; its text stays as typed until it is scrubbed here.
        points_to_own: whether an answer names a practice of this school's, which a person has to think about.
    """
    given = Given(
        roster=roster,
        allow_list=allow_list,
        policy=policy,
        lattice=None,
        profile=None,
        today=today,
        print_measure=print_measure,
        edits=edits or {},
        names=names or {},
        surroundings=surroundings,
    )
    record = {name: written[name] for name in NOTE_FIELDS[kind] if written.get(name)}
    record = with_text(record, "/text", normal_text(record.get("text", ""), multiline=True))
    typed = dict(texts_of(record))
    for path, text in given.edits.items():
        record = with_text(record, path, text)
    draft = check_vocabulary(Draft(None, kind, record), given)
    if is_roster_stale(given):
        draft = _with(draft, Finding("text", "no-roster", "block", "", source="roster"))
    draft = scrub_record(draft, given, typed=typed)
    own_words = {name: value for name, value in draft.record.items() if name not in OF_THE_LOG}
    for path, kind_of_canary in find_canaries(own_words, surroundings.canaries, roster, allow_list):
        draft = _with(draft, Finding("intruder", "canary", "block", path, source=kind_of_canary))
    if points_to_own:
        draft = _with(draft, Finding("intruder", "own-practice", "ask", "/practice"))
    return check_as_receiver(draft, given)


def _with(draft: Draft, finding: Finding) -> Draft:
    return replace(draft, findings=(*draft.findings, finding))
