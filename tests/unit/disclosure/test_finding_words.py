from nic_node.disclosure.draft import Finding
from nic_node.disclosure.finding_words import words_for
from nic_node.disclosure.printer import NOT_PRINTED
from nic_node.disclosure.snapshot import Problem
from tests.unit.disclosure.projects import absence, prepare, project


def said(finding):
    words = words_for(finding)
    return str(words.title), str(words.why)


def test_a_name_of_the_roster_and_one_of_no_list():
    draft = prepare(project(problem=Problem("chronic-absence", "Ana saw Teo.")))
    roster, unknown = [finding for finding in draft.findings if finding.stage == "text"]
    assert said(roster) == ("A name on your roster", "replaced by role")
    assert said(unknown) == ("“Teo” is on no list", "a program that many schools know, or a name of your own?")


def test_numbers_that_stay():
    (finding,) = [
        finding
        for finding in prepare(project(absence(n=8, before=(1, 1), after=(1, 1)))).findings
        if finding.stage == "cells"
    ]
    assert said(finding) == (
        "Absent 10 % or more, last 20 school days: the numbers stay here",
        "too few people for any number",
    )


def test_every_code_has_words_without_braces_left():
    for code in NOT_PRINTED:
        assert "{" not in "".join(said(Finding("cells", code, "info", "/measures/0", source="belonging")))
    assert said(Finding("review", "rule-band", "block", "", source="A band is off.")) == (
        "Receivers would refuse this",
        "A band is off.",
    )


def test_a_brace_in_a_text_is_just_a_brace():
    finding = Finding("text", "UNKNOWN_NAME", "ask", "/title", (0, 6), "{Teo}", None, "unknown-name")
    assert said(finding)[0] == "“{Teo}” is on no list"
