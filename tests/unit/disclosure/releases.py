"""Earlier releases of an invented school, made by the pipeline itself, for drafts to be held against."""

from datetime import date

from nic_node.disclosure.released import Released, facts_of
from tests.unit.disclosure.projects import prepare

PRACTICE = 7
SPRING = date(2026, 4, 10)


def released(snapshot, *, release_id=1, practice=1, told_on=SPRING, is_living=True, **given):
    """This snapshot, prepared and released as it stands."""
    draft = prepare(snapshot, **given)
    facts = facts_of(draft.snapshot, draft.record, draft.printed)
    return Released(release_id, practice, draft.record["title"], told_on, is_living, facts)


def after(snapshot, *earlier, practice=PRACTICE, **given):
    """A draft of practice 7 by a school that released these before."""
    return prepare(snapshot, earlier=earlier, practice=practice, **given)


def history(draft):
    return [(finding.code, finding.severity) for finding in draft.findings if finding.stage == "history"]
