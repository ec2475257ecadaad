import json

import pytest

from federation.rules import verify_payload_rules
from nic_node.disclosure import prepare as stages
from nic_node.disclosure.draft import Finding
from nic_node.disclosure.printer import print_measure
from nic_node.disclosure.snapshot import Problem
from nic_node.disclosure.text.scan import Scrubbed
from schemas.canonical import canonical_bytes, sha256_hex
from schemas.practice import PAYLOADS
from tests.unit.disclosure.projects import POLICY, absence, codes, prepare, project, replication, sessions


@pytest.mark.parametrize(
    "snapshot", [project(absence(), sessions()), replication(absence(n=15, before=(3, 3), after=(2, 2)))]
)
def test_what_is_prepared_passes_every_receiver(snapshot):
    draft = prepare(snapshot)
    assert not draft.blocked
    assert PAYLOADS[draft.kind].validate(draft.record) == {}
    verify_payload_rules(draft.kind, draft.record, POLICY, None)


def test_an_approval_binds_to_the_bytes():
    draft = prepare()
    assert draft.record_bytes == canonical_bytes(draft.record)
    assert draft.sha256 == sha256_hex(draft.record_bytes)
    assert prepare().sha256 == draft.sha256
    assert prepare(project(absence(before=(30, 30)))).sha256 != draft.sha256
    assert prepare(edits={"/title": "Calls home"}).sha256 != draft.sha256


def test_the_preview_is_the_contract_s():
    answer = json.loads(json.dumps(prepare(project(problem=Problem("chronic-absence", "Ana called."))).document()))
    assert answer.keys() == {"record", "findings", "blocked", "rung"}
    assert (answer["blocked"], answer["rung"]) == (False, "measured")
    assert answer["findings"][-1] == {
        "stage": "text",
        "code": "PERSON",
        "severity": "info",
        "path": "/problem/statement",
        "span": [0, 3],
        "before": "Ana",
        "after": "[person]",
        "source": "roster",
    }


def test_a_finding_keeps_its_key_as_long_as_it_says_the_same():
    finding = Finding("text", "PERSON", "info", "/title", (0, 3), "Ana", "[person]", "roster")
    same = Finding("text", "PERSON", "info", "/title", (0, 3), "Ana", "[person]", "roster")
    moved = Finding("text", "PERSON", "info", "/title", (4, 7), "Ana", "[person]", "roster")
    assert finding.key == same.key != moved.key


def test_a_printer_that_breaks_a_rule_is_caught_before_anything_leaves():
    def careless(measure, policy):
        printed = print_measure(measure, policy)
        printed["points"][0]["band"] = [37, 38]
        return printed

    draft = prepare(printer=careless)
    assert draft.blocked
    assert codes(draft, "review") == ["rule-band"]


def test_what_survives_the_scrub_blocks(monkeypatch):
    def forgetful(scrubbed, _names):
        return Scrubbed(scrubbed.text, scrubbed.text, ())

    monkeypatch.setattr("nic_node.disclosure.wording.with_answers", forgetful)
    draft = prepare(project(problem=Problem("chronic-absence", "Ana called.")))
    assert draft.blocked
    assert codes(draft, "text") == ["still-there"]


def test_the_stages_stand_in_the_order_of_the_design():
    assert [stage.__name__ for stage in stages.STAGES] == [
        "choose_fields",
        "check_vocabulary",
        "print_cells",
        "choose_rung",
        "add_context",
        "scrub_texts",
        "check_history",
        "check_intruder",
        "check_as_receiver",
    ]
