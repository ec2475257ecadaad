"""From a closed project's snapshot to a draft of what would leave: the stages in their order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from federation.errors import Untrusted
from federation.rules import verify_payload_rules
from nic_node.disclosure.cells import print_cells
from nic_node.disclosure.context import add_context
from nic_node.disclosure.draft import Answer, ContextProfile, Draft, Finding, Given, Surroundings
from nic_node.disclosure.fields import check_vocabulary, choose_fields, wire_findings
from nic_node.disclosure.history import check_history
from nic_node.disclosure.intruder import check_intruder
from nic_node.disclosure.linked import Term
from nic_node.disclosure.printer import PrintMeasure, print_measure
from nic_node.disclosure.released import Released
from nic_node.disclosure.rungs import choose_rung
from nic_node.disclosure.snapshot import Snapshot
from nic_node.disclosure.text.allow_list import AllowList
from nic_node.disclosure.text.roster import Roster
from nic_node.disclosure.wording import scrub_texts

NOTHING_AROUND = Surroundings()


def check_as_receiver(draft: Draft, given: Given) -> Draft:
    """What every receiver will check; an honest pipeline never fails here, so whatever does blocks."""
    known = {(finding.path, finding.source) for finding in draft.findings if finding.stage == "vocabulary"}
    findings = [found for found in wire_findings(draft, "review") if (found.path, found.source) not in known]
    if not findings and not known:
        try:
            verify_payload_rules(draft.kind, draft.record, given.policy, given.lattice)
        except Untrusted as refusal:
            findings.append(Finding("review", refusal.code, "block", "", source=refusal.detail))
    return replace(draft, findings=(*draft.findings, *findings))


STAGES: tuple[Callable[[Draft, Given], Draft], ...] = (
    choose_fields,
    check_vocabulary,
    print_cells,
    choose_rung,
    add_context,
    scrub_texts,
    check_history,
    check_intruder,
    check_as_receiver,
)


def prepare_draft(
    snapshot: Snapshot,
    *,
    roster: Roster,
    allow_list: AllowList,
    policy: Mapping[str, Any],
    lattice: Mapping[str, Any] | None,
    profile: ContextProfile | None,
    today: date,
    edits: Mapping[str, str] | None = None,
    names: Mapping[str, Answer] | None = None,
    printer: PrintMeasure = print_measure,
    practice: int = 0,
    earlier: Sequence[Released] = (),
    linked_terms: Mapping[str, Term] | None = None,
    surroundings: Surroundings = NOTHING_AROUND,
    left_out: Iterable[str] = (),
) -> Draft:
    """The record that would leave, with everything that a reviewer has to see.

    edits: the reviewer's rewording by JSON pointer into the record. names: answers about unknown names, by the name
    as it stands in the text. The rest as in `Given`.

    The same arguments give the same bytes; `Draft.sha256` is what an approval binds to.
    """
    given = Given(
        roster=roster,
        allow_list=allow_list,
        policy=policy,
        lattice=lattice,
        profile=profile,
        today=today,
        print_measure=printer,
        edits=edits or {},
        names=names or {},
        practice=practice,
        earlier=tuple(earlier),
        linked_terms=linked_terms or {},
        surroundings=surroundings,
        left_out=frozenset(left_out),
    )
    draft = Draft(snapshot, "practice" if snapshot.lineage is None else "replication")
    for stage in STAGES:
        draft = stage(draft, given)
    return draft
