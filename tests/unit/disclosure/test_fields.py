import pytest

from nic_node.disclosure.fields import described_record, with_text
from nic_node.disclosure.snapshot import Aim, Idea, Lessons, Problem, Step
from schemas.practice import PAYLOADS
from tests.unit.disclosure.projects import ORIGIN, absence, codes, prepare, project, replication


def test_every_field_of_the_payload_is_filled_from_a_full_project():
    record = prepare(replication(supersedes="hub.example/net/valley/log/1#9")).record
    left_out = set(PAYLOADS["replication"].fields) - record.keys()
    assert left_out == {"context"}
    assert PAYLOADS["replication"].validate(record) == {}
    assert (record["origin"], record["kept"]) == (ORIGIN, [0])
    assert record["changed"] == [{"what": "Texts in place of calls", "why": "Families asked for it"}]


def test_what_is_empty_is_left_out():
    snapshot = project(
        steps=(), core=(0,), adaptable=(), lessons=Lessons(), dose=None, cost=None, materials=(), conditions="  "
    )
    record = prepare(snapshot).record
    assert not {"steps", "core", "adaptable", "lessons", "dose", "cost", "materials", "conditions"} & record.keys()


def test_text_is_made_fit_for_the_wire():
    record = described_record(project(title="  Calls\u200b home\n\tin fall ", lessons=Lessons("One\r\ntwo")))
    assert record["title"] == "Calls home  in fall"
    assert record["lessons"] == {"worked": "One\ntwo"}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"problem": Problem("gloom")}, "/problem/category"),
        ({"idea": Idea("other")}, "/idea/label"),
        ({"aim": Aim("attendance-rate", "sideways")}, "/aim/better"),
        ({"title": "x" * 121}, "/title"),
        ({"title": ""}, "/title"),
        ({"decision": "ponder"}, "/decision"),
        ({"steps": (Step("x" * 201, "teacher"), Step("", "teacher"))}, "/steps/0/does"),
        ({"steps": (Step("Call", "wizard"),)}, "/steps/0/who"),
        ({"supersedes": "no id"}, "/supersedes"),
    ],
)
def test_what_the_wire_would_refuse_blocks_with_its_place(changes, path):
    draft = prepare(project(**changes))
    assert draft.blocked
    assert path in [finding.path for finding in draft.findings if finding.code == "not-on-the-wire"]


def test_each_fault_is_told_once():
    draft = prepare(project(problem=Problem("gloom"), decision="ponder"))
    assert codes(draft).count("not-on-the-wire") == 2


def test_lists_that_are_too_long_ask_what_to_leave():
    draft = prepare(project(steps=tuple(Step(f"Step {number}", "teacher") for number in range(14)), core=(0, 13)))
    assert len(draft.record["steps"]) == 12
    assert draft.record["core"] == [0]
    assert codes(draft, "fields") == ["too-many"]


def test_a_rewording_takes_the_place_of_what_was_typed():
    edits = {
        "/problem/statement": "Students missed days.",
        "/steps/1/does": "Write it down",
        "/conditions": "",
        "/steps/7/does": "x",
    }
    draft = prepare(project(absence()), edits=edits)
    assert draft.record["problem"]["statement"] == "Students missed days."
    assert draft.record["steps"][1]["does"] == "Write it down"
    assert "conditions" not in draft.record
    change = next(change for change in draft.texts if change.path == "/steps/1/does")
    assert (change.typed, change.before, change.after) == ("Note the reason", "Write it down", "Write it down")


@pytest.mark.parametrize("path", ["", "/", "/title/0", "/steps", "/steps/x/does", "/measures/0/n", "/nothing", "title"])
def test_a_pointer_to_no_text_changes_nothing(path):
    record = described_record(project())
    assert with_text(record, path, "x") == record
