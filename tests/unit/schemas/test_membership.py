import pytest

from schemas.base64url import encode_base64url
from schemas.canonical import canonical_bytes
from schemas.code import Code
from schemas.document import load_document
from schemas.invalid import InvalidDocument
from schemas.membership import ACKS, APPLICATION, APPLICATION_STATUS, build_invitation_link, read_invitation
from schemas.states import MOVES, STATES, is_legal_move
from tests.unit.schemas.protocol_examples import example


def refused_path(schema, document):
    with pytest.raises(InvalidDocument) as refused:
        load_document(schema, document)
    return refused.value.path


def test_the_table_of_moves():
    table = {
        "applied": {"approved", "rejected", "withdrawn"},
        "approved": {"suspended", "revoked", "left", "expired"},
        "suspended": {"approved", "revoked", "left", "expired"},
        "expired": {"applied"},
        "left": {"applied"},
        "rejected": {"applied"},
        "withdrawn": {"applied"},
        "revoked": {"applied"},
    }
    assert {state: set(moves) for state, moves in MOVES.items()} == table
    legal = {(state, to) for state, moves in table.items() for to in moves}
    assert {(state, to) for state in STATES for to in STATES if is_legal_move(state, to)} == legal
    assert not is_legal_move("unheard-of", "approved")


def test_an_invitation_is_a_link_that_tells_no_server_its_token():
    invitation = example("invitation")
    link = build_invitation_link(invitation)
    address, code = link.split("#")
    assert address == f"{invitation['network']}/join"
    assert invitation["token"] not in address
    for text in (link, code, f"  {link}\n"):
        assert read_invitation(text) == invitation


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://networks.example/net/valley/join",
        "https://networks.example/net/valley/join#",
        "https://networks.example/net/valley/join#a b",
        "#" + encode_base64url(b"{}"),
        "#" + encode_base64url(b"[]"),
        "#" + encode_base64url(b"<html>"),
        "A" * 100_000,
    ],
)
def test_what_is_no_invitation(text):
    with pytest.raises(InvalidDocument) as refused:
        read_invitation(text)
    assert refused.value.code is Code.INVITATION_INVALID


def test_half_a_link_is_no_invitation():
    with pytest.raises(InvalidDocument) as refused:
        read_invitation(build_invitation_link(example("invitation"))[:-7])
    assert refused.value.code is Code.INVITATION_INVALID


def test_a_later_invitation_needs_a_newer_program():
    later = example("invitation") | {"v": 2, "more": True}
    with pytest.raises(InvalidDocument) as refused:
        read_invitation(encode_base64url(canonical_bytes(later)))
    assert refused.value.code is Code.UNSUPPORTED_VERSION


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"locale": 14}, "locale"),
        ({"low_grade": "12", "high_grade": "9"}, "low_grade"),
        ({"lunch_percent": 100.5}, "lunch_percent"),
        ({"enrolment": -1}, "enrolment"),
        ({"level": "university"}, "level"),
        ({"website": "javascript:alert(1)"}, "website"),
    ],
)
def test_a_profile_holds_what_can_be(change, path):
    application = example("application")
    application["profile"] |= change
    assert refused_path(APPLICATION, application) == f"/profile/{path}"


@pytest.mark.parametrize("email", ["", "office", "a@b@c", "a b@c.example", "a@b.example\nBcc: x@y.example"])
def test_an_email_address_has_one_at_sign_and_no_space(email):
    application = example("application")
    application["contact"]["email"] = email
    assert refused_path(APPLICATION, application) == "/contact/email"


def test_the_first_move_comes_from_nowhere():
    status = example("application-status")
    assert "from" not in load_document(APPLICATION_STATUS, status)["moves"][0]


@pytest.mark.parametrize("acks", [{"alder.example": 1}, {"https://alder.example": -1}, {"https://alder.example": "1"}])
def test_acks_map_entities_to_indexes(acks):
    refused_path(ACKS, acks)


def test_nobody_has_acked_yet():
    assert load_document(ACKS, {}) == {}
