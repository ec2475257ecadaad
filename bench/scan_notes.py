"""Labelled notes through all detectors of the scrub, against one look-up of each word in a set of names."""

import json
import re
from pathlib import Path

from bench.pairs import Result, compare
from nic_node.disclosure.text.allow_list import build_allow_list
from nic_node.disclosure.text.roster import build_roster
from nic_node.disclosure.text.scan import scrub

NOTES = Path(__file__).parents[1] / "tests" / "data" / "privacy"
WORD = re.compile(r"\w+")


def run() -> Result:
    """Notes a second."""
    texts = [json.loads(line)["text"] for file in sorted(NOTES.glob("*.jsonl")) for line in file.open(encoding="utf-8")]
    names = json.loads((NOTES / "notes_c_roster.json").read_text(encoding="utf-8"))
    roster, allow = build_roster(names), build_allow_list()
    plain = frozenset(WORD.findall(" ".join(names["PERSON"]).lower()))

    def scan_all() -> None:
        for text in texts:
            scrub(text, roster, allow)

    def look_up_all() -> None:
        for text in texts:
            [word for word in WORD.findall(text.lower()) if word in plain]

    return compare("scan-notes", scan_all, look_up_all, n=len(texts)).rates()
