"""The example of the C2SP signed-note specification."""

import json
from pathlib import Path

import pytest

from federation.errors import Untrusted
from federation.tlog.note import ED25519, format_note, parse_note, parse_vkey, verify_note
from schemas.problem import Code

VECTOR = json.loads((Path(__file__).parents[1] / "data" / "vectors" / "signed_note.json").read_text())
NOTE = f"{VECTOR['text']}\n{VECTOR['signature_line']}\n".encode()


def test_the_example_verifies_under_the_published_key():
    key = parse_vkey(VECTOR["vkey"])
    note = parse_note(NOTE)
    assert note.text == VECTOR["text"]
    assert [(s.key.name, s.key.key_type, s.timestamp) for s in verify_note(note, [key])] == [
        ("example.com/foo", ED25519, None)
    ]


def test_key_and_note_are_written_as_published():
    assert parse_vkey(VECTOR["vkey"]).text == VECTOR["vkey"]
    assert format_note(parse_note(NOTE)) == NOTE


def test_an_altered_text_is_refused():
    altered = parse_note(NOTE.replace(b"example message", b"example massage"))
    with pytest.raises(Untrusted) as refusal:
        verify_note(altered, [parse_vkey(VECTOR["vkey"])])
    assert refusal.value.code is Code.SIGNATURE_INVALID
