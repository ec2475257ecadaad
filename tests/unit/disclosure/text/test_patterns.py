import pytest

from nic_node.disclosure.text.patterns import find_patterns
from nic_node.disclosure.text.scan import merge


def found(text):
    return [(text[mark.start : mark.end], mark.type) for mark in merge(find_patterns(text))]


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("Write to t.kowalski+plc@riverbend.k12.wi.us today", "t.kowalski+plc@riverbend.k12.wi.us", "EMAIL"),
        ("See https://riverbend.example/staff/vang.", "https://riverbend.example/staff/vang.", "URL"),
        ("See www.riverbend.example/x", "www.riverbend.example/x", "URL"),
        ("On bit.ly/3xYz", "bit.ly/3xYz", "URL"),
        ("cell 608-555-0119, nights", "608-555-0119", "PHONE"),
        ("(715) 555 0142", "(715) 555 0142", "PHONE"),
        ("414.555.0177", "414.555.0177", "PHONE"),
        ("office 555-0119", "555-0119", "PHONE"),
        ("505-555-0199 ext. 12", "505-555-0199 ext. 12", "PHONE"),
        ("Zoom 845 2217 9934 at", "845 2217 9934", "ID"),
        ("at 88 County Road 12", "88 County Road 12", "ADDRESS"),
        ("on bus 47.", "47", "ID"),
        ("CPS # 20-884713", "20-884713", "ID"),
        ("off Route 9, Box 14", "Route 9, Box 14", "ADDRESS"),
        ("+52 55 1234 5678", "+52 55 1234 5678", "PHONE"),
        ("His SSN 401-22-7788", "401-22-7788", "ID"),
        ("ID# 883120 was", "883120", "ID"),
        ("Lunch PIN 31884 is", "31884", "ID"),
        ("with code h4tm9wz in", "h4tm9wz", "ID"),
        ("tag CB-004417 went", "CB-004417", "ID"),
        ("(#55207) joined", "#55207", "ID"),
        ("in Room 7 by", "Room 7", "ROOM"),
        ("Rm 104A has", "Rm 104A", "ROOM"),
        ("Portable 6 is", "Portable 6", "ROOM"),
        ("visit at 27 Birchwood Ct went", "27 Birchwood Ct", "ADDRESS"),
        ("at 418 N. Juniper Street, Apt 3", "418 N. Juniper Street, Apt 3", "ADDRESS"),
        ("Calle Roble 27", "Calle Roble 27", "ADDRESS"),
        ("P.O. Box 77", "P.O. Box 77", "ADDRESS"),
        ("ask @mr_vang", "@mr_vang", "PERSON"),
        ("medical ID MA 4410 229 87 is", "MA 4410 229 87", "ID"),
        ("log in with Acorn!2023 today", "Acorn!2023", "ID"),
        ("password: tulip-dog", "tulip-dog", "ID"),
        ("homeroom B-12 is", "homeroom B-12", "ROOM"),
        ("in Conference Room B on", "Conference Room B", "ROOM"),
    ],
)
def test_what_gives_a_person_away_by_its_shape(text, value, kind):
    assert (value, kind) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Attendance rose from 88.5 % to 91.25 % of 1,250 students.",
        "Grades 6-8, periods 1-3, 20 min, 3:15 to 4:00.",
        "The 5th graders read Core5 and K-12 texts, day 45.",
        "Cost: $12,500 for 30 hours.",
        "We used 2 Read Alouds each way.",
        "Case 2024-25, n=24; the password reset took long!",
        "Think-pair-share, 1:1, 50/50 and yes/no questions.",
    ],
)
def test_numbers_of_everyday_work_stay(text):
    assert found(text) == []
