from base64 import b64encode

import pytest

from federation.errors import Untrusted
from federation.keys import generate_private_jwk
from federation.tlog.note import (
    COSIGNATURE_V1,
    ED25519,
    Note,
    NoteSignature,
    add_signatures,
    build_vkey,
    cosign_note,
    format_note,
    parse_note,
    parse_vkey,
    sign_note,
    verify_note,
)
from schemas.problem import Code

LOG, WITNESS, STRANGER = (generate_private_jwk("Ed25519") for _ in range(3))
LOG_KEY = build_vkey("a.example/log", LOG)
WITNESS_KEY = build_vkey("w.example", WITNESS, COSIGNATURE_V1)
TEXT = "a.example/log\n1\nroot\n"


def signed(*signatures):
    return format_note(Note(TEXT, signatures))


def test_a_log_key_and_a_witness_sign_the_same_text():
    data = signed(sign_note(TEXT, LOG, "a.example/log"), cosign_note(TEXT, WITNESS, "w.example", 1_700_000_000))
    verified = verify_note(parse_note(data), [LOG_KEY, WITNESS_KEY])
    assert [(s.key, s.timestamp) for s in verified] == [(LOG_KEY, None), (WITNESS_KEY, 1_700_000_000)]


def test_a_cosignature_signs_its_time():
    # C2SP tlog-cosignature: the message is a header, the time and the note's text.
    line = cosign_note(TEXT, WITNESS, "w.example", 7)
    assert line.signature[:8] == b"\0" * 7 + b"\x07"
    later = NoteSignature(line.name, line.key_id, b"\0" * 7 + b"\x08" + line.signature[8:])
    with pytest.raises(Untrusted) as refusal:
        verify_note(parse_note(signed(later)), [WITNESS_KEY])
    assert refusal.value.code is Code.SIGNATURE_INVALID


def test_one_key_has_two_ids_by_type_and_by_name():
    ids = {
        build_vkey(name, LOG, kind).key_id for name in ("a.example", "b.example") for kind in (ED25519, COSIGNATURE_V1)
    }
    assert len(ids) == 4


def test_unknown_keys_and_repeated_lines_are_passed_over():
    ours = sign_note(TEXT, LOG, "a.example/log")
    data = signed(sign_note(TEXT, STRANGER, "a.example/log"), ours, ours, NoteSignature("z", b"1234", b"what"))
    assert [s.key for s in verify_note(parse_note(data), [LOG_KEY])] == [LOG_KEY]
    assert verify_note(parse_note(data), []) == []


@pytest.mark.parametrize("cut", [slice(0, 63), slice(0, 0), slice(1, None)])
def test_a_known_key_with_a_wrong_signature_refuses_the_note(cut):
    ours = sign_note(TEXT, LOG, "a.example/log")
    wrong = NoteSignature(ours.name, ours.key_id, ours.signature[cut] + b"!")
    with pytest.raises(Untrusted) as refusal:
        verify_note(parse_note(signed(wrong, ours)), [LOG_KEY])
    assert refusal.value.code is Code.SIGNATURE_INVALID


def test_signatures_are_added_once():
    data = signed(sign_note(TEXT, LOG, "a.example/log"))
    line = cosign_note(TEXT, WITNESS, "w.example", 7)
    twice = add_signatures(add_signatures(data, [line]), [line])
    assert twice == data + f"\u2014 w.example {b64encode(line.key_id + line.signature).decode()}\n".encode()


def test_the_text_may_hold_empty_lines():
    text = "one\n\n\u2014 no signature\n\ntwo\n"
    note = parse_note(format_note(Note(text, (sign_note(text, LOG, "a.example/log"),))))
    assert note.text == text
    assert len(verify_note(note, [LOG_KEY])) == 1


GOOD_LINE = "\u2014 n AAAAAAA=\n"
MALFORMED = [
    pytest.param(b"", id="empty"),
    pytest.param(b"text\n", id="no signature"),
    pytest.param(b"text\n\n", id="no signature line"),
    pytest.param(f"text\n\n{GOOD_LINE}".encode()[:-1], id="no last newline"),
    pytest.param(f"text\n\n{GOOD_LINE}x\n".encode(), id="a line that is none"),
    pytest.param(f"text\n\n-{GOOD_LINE[1:]}".encode(), id="a hyphen for the dash"),
    pytest.param("text\n\n\u2014 n AAAAAA=\n".encode(), id="bad padding"),
    pytest.param("text\n\n\u2014 n AAAAAAB=\n".encode(), id="spare bits"),
    pytest.param("text\n\n\u2014 n AAAAAA==\n".encode(), id="no signature after the id"),
    pytest.param("text\n\n\u2014 n AA AAAAA=\n".encode(), id="a space in the signature"),
    pytest.param("text\n\n\u2014 n+m AAAAAAA=\n".encode(), id="a plus in the name"),
    pytest.param("text\n\n\u2014 \u2003 AAAAAAA=\n".encode(), id="a name of Unicode spaces"),
    pytest.param("text\n\n\u2014  AAAAAAA=\n".encode(), id="no name"),
    pytest.param(f"te\0xt\n\n{GOOD_LINE}".encode(), id="NUL"),
    pytest.param(f"te\rxt\n\n{GOOD_LINE}".encode(), id="carriage return"),
    pytest.param(b"te\xffxt\n\n" + GOOD_LINE.encode(), id="not UTF-8"),
    pytest.param(f"text\n\n{GOOD_LINE * 101}".encode(), id="101 signatures"),
    pytest.param(f"{'t' * 20_000}\n\n{GOOD_LINE}".encode(), id="too long"),
]


@pytest.mark.parametrize("data", MALFORMED)
def test_malformed_notes_are_refused(data):
    assert parse_note(f"text\n\n{GOOD_LINE}".encode()).text == "text\n"
    with pytest.raises(Untrusted) as refusal:
        parse_note(data)
    assert refusal.value.code is Code.CHECKPOINT_MALFORMED


def test_vkeys_read_back():
    for key in (LOG_KEY, WITNESS_KEY):
        assert parse_vkey(key.text) == key


GOOD = LOG_KEY.text
BAD_VKEYS = [
    "", "a", "a+b", "a+00000000+", GOOD[:-4], GOOD + "A", GOOD.replace("a.example", "b.example"),
    GOOD.replace("a.example", "a example"), GOOD.upper(), WITNESS_KEY.text.replace("+B", "+C", 1),
    f"a.example/log+{LOG_KEY.key_id.hex()}+{b64encode(bytes([2]) + LOG_KEY.public).decode()}",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_VKEYS)
def test_bad_vkeys_are_refused(text):
    with pytest.raises(Untrusted) as refusal:
        parse_vkey(text)
    assert refusal.value.code is Code.KEY_INVALID


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b"])
def test_a_key_needs_a_name_of_one_word(name):
    with pytest.raises(Untrusted):
        build_vkey(name, LOG)


@pytest.mark.parametrize("text", ["no newline", "", "tab\there\n"])
def test_we_sign_no_text_that_others_would_refuse(text):
    with pytest.raises(ValueError, match="newline"):
        sign_note(text, LOG, "a.example/log")
