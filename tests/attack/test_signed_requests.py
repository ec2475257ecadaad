"""Requests between nodes that were tampered with, repeated or never signed: each is refused with its own code."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from federation.errors import Untrusted
from federation.keys import Jwk, generate_private_jwk, public_jwk
from nic_node.peerhttp.signing import RequestSigner, build_signature_headers
from nic_node.peerhttp.verifying import verify_body, verify_signature
from schemas.problem import Code

NOW = datetime(2026, 10, 27, 12, 0, tzinfo=UTC)
MEMBER = "https://maple.example.org"
PUBLIC_URL = "https://hub.example.org"
URL = f"{PUBLIC_URL}/net/reading/v1/hints?size=7"
BODY = b'{"origin":"hub.example.org/net/reading/log/1","size":7}'
NONCE = "0123456789abcdef"
SIGNER = RequestSigner(MEMBER, generate_private_jwk("Ed25519"))
KEYS: dict[str, Jwk] = {SIGNER.key_id: public_jwk(SIGNER.private_jwk)}


@dataclass
class Request:
    """A signed request as it arrives; tests alter one thing of it."""

    method: str = "POST"
    url: str = URL
    headers: CIMultiDict[str] = field(default_factory=CIMultiDict)
    body: bytes = BODY
    now: datetime = NOW
    keys: dict[str, Jwk] = field(default_factory=lambda: dict(KEYS))

    def verify(self) -> str:
        headers: Mapping[str, str] = self.headers
        signature = verify_signature(
            method=self.method, target_uri=self.url, headers=headers, find_key=self.keys.get, now=self.now
        )
        verify_body(signature, headers, self.body)
        return signature.entity_id


def signed(signer: RequestSigner = SIGNER, body: bytes | None = BODY, method: str = "POST") -> Request:
    headers = build_signature_headers(signer, method=method, target_uri=URL, body=body, now=NOW, nonce=NONCE)
    return Request(method=method, headers=CIMultiDict(headers), body=body or b"")


def edit(request: Request, old: str, new: str, header: str = "Signature-Input") -> None:
    assert old in request.headers[header]
    request.headers[header] = request.headers[header].replace(old, new)


def test_an_honest_request_names_its_sender() -> None:
    assert signed().verify() == MEMBER
    assert signed(body=None, method="GET").verify() == MEMBER
    assert signed(body=b"").verify() == MEMBER


def forge_key(request: Request) -> None:
    stranger = RequestSigner(MEMBER, generate_private_jwk("Ed25519"))
    request.headers = signed(stranger).headers
    edit(request, stranger.key_id, SIGNER.key_id)


def speak_for_another(request: Request) -> None:
    oak = RequestSigner("https://oak.example.org", generate_private_jwk("Ed25519"))
    request.keys[oak.key_id] = public_jwk(oak.private_jwk)
    edit(request, SIGNER.key_id, oak.key_id)


def use_a_key_of_another_kind(request: Request) -> None:
    request.keys[SIGNER.key_id] = public_jwk(generate_private_jwk("ES256"))


def swap_digest_and_body(request: Request) -> None:
    other = signed(body=b"{}")
    request.headers["Content-Digest"], request.body = other.headers["Content-Digest"], b"{}"


def cover_by_half(request: Request) -> None:
    """A digest that the header carries and the signature doesn't cover."""
    bare = signed(body=None)
    bare.headers["Content-Digest"] = request.headers["Content-Digest"]
    request.headers = bare.headers


def add_a_proxy_s_signature(request: Request) -> None:
    request.headers["Signature-Input"] += ', proxy=("@method");created=1;keyid="p";tag="proxy"'
    request.headers["Signature"] += ", proxy=:AAAA:"


ALTERATIONS: list[tuple[str, Callable[[Request], Any], Code]] = [
    ("method", lambda r: setattr(r, "method", "PUT"), Code.SIGNATURE_INVALID),
    ("query", lambda r: setattr(r, "url", URL.replace("7", "8")), Code.SIGNATURE_INVALID),
    ("query dropped", lambda r: setattr(r, "url", URL.partition("?")[0]), Code.SIGNATURE_INVALID),
    ("path", lambda r: setattr(r, "url", URL.replace("hints", "relay")), Code.SIGNATURE_INVALID),
    ("host", lambda r: setattr(r, "url", URL.replace("hub.", "evil.")), Code.SIGNATURE_INVALID),
    ("scheme", lambda r: setattr(r, "url", URL.replace("https", "http")), Code.SIGNATURE_INVALID),
    ("body", lambda r: setattr(r, "body", BODY.replace(b"7", b"8")), Code.REQUEST_BODY_ALTERED),
    ("body dropped", lambda r: setattr(r, "body", b""), Code.REQUEST_BODY_ALTERED),
    ("body and digest", swap_digest_and_body, Code.SIGNATURE_INVALID),
    ("digest malformed", lambda r: r.headers.update({"Content-Digest": "sha-256=?"}), Code.SIGNATURE_INVALID),
    ("digest dropped", lambda r: r.headers.popall("Content-Digest"), Code.SIGNATURE_INVALID),
    ("digest not covered", cover_by_half, Code.REQUEST_DIGEST_MISSING),
    ("digest missing", lambda r: setattr(r, "headers", signed(body=None).headers), Code.REQUEST_DIGEST_MISSING),
    ("stale", lambda r: setattr(r, "now", NOW + timedelta(seconds=61)), Code.REQUEST_STALE),
    ("future", lambda r: setattr(r, "now", NOW - timedelta(seconds=61)), Code.REQUEST_FROM_FUTURE),
    ("made fresh", lambda r: edit(r, f"created={int(NOW.timestamp())}", f"created={int(NOW.timestamp()) + 9}"),
     Code.SIGNATURE_INVALID),
    ("nonce", lambda r: edit(r, NONCE, "fedcba9876543210"), Code.SIGNATURE_INVALID),
    ("no nonce", lambda r: edit(r, f';nonce="{NONCE}"', ""), Code.REQUEST_COMPONENT_MISSING),
    ("no created", lambda r: edit(r, f"created={int(NOW.timestamp())};", ""), Code.REQUEST_COMPONENT_MISSING),
    ("method not covered", lambda r: edit(r, '"@method" ', ""), Code.REQUEST_COMPONENT_MISSING),
    ("target not covered", lambda r: edit(r, '"@target-uri" ', ""), Code.REQUEST_COMPONENT_MISSING),
    ("target by half", lambda r: edit(r, '"@target-uri"', '"@target-uri";req'), Code.REQUEST_COMPONENT_MISSING),
    ("path in place of target", lambda r: edit(r, "@target-uri", "@path"), Code.REQUEST_COMPONENT_MISSING),
    ("tag", lambda r: edit(r, "nic-v1", "nic-v2"), Code.REQUEST_TAG_WRONG),
    ("no tag", lambda r: edit(r, ';tag="nic-v1"', ""), Code.REQUEST_TAG_WRONG),
    ("algorithm", lambda r: edit(r, "ed25519", "hmac-sha256"), Code.ALGORITHM_REFUSED),
    ("no algorithm", lambda r: edit(r, ';alg="ed25519"', ""), Code.REQUEST_COMPONENT_MISSING),
    ("unknown key", lambda r: r.keys.clear(), Code.SIGNER_UNKNOWN),
    ("unknown entity", lambda r: edit(r, MEMBER, "https://elm.example.org"), Code.SIGNER_UNKNOWN),
    ("key of another kind", use_a_key_of_another_kind, Code.KEY_INVALID),
    ("another's key under this name", forge_key, Code.SIGNATURE_INVALID),
    ("this key under another's name", speak_for_another, Code.SIGNATURE_INVALID),
    ("unsigned", lambda r: r.headers.clear(), Code.REQUEST_UNSIGNED),
    ("no signature", lambda r: r.headers.popall("Signature"), Code.REQUEST_UNSIGNED),
    ("no input", lambda r: r.headers.popall("Signature-Input"), Code.REQUEST_UNSIGNED),
    ("signature of zeros", lambda r: r.headers.update({"Signature": f"nic=:{'A' * 86}==:"}), Code.SIGNATURE_INVALID),
    ("signature cut", lambda r: r.headers.update({"Signature": "nic=:AAAA:"}), Code.SIGNATURE_INVALID),
    ("signature no bytes", lambda r: r.headers.update({"Signature": "nic=1"}), Code.SIGNATURE_INVALID),
    ("label", lambda r: edit(r, "nic=", "cin=", "Signature"), Code.SIGNATURE_INVALID),
    ("unknown parameter", lambda r: edit(r, ";tag=", ";x=1;tag="), Code.SIGNATURE_INVALID),
    ("twice", lambda r: r.headers.add("Signature-Input", r.headers["Signature-Input"].replace("nic=", "b=")),
     Code.REQUEST_MALFORMED),
    ("not structured", lambda r: r.headers.update({"Signature-Input": "((("}), Code.REQUEST_MALFORMED),
    ("not a list", lambda r: r.headers.update({"Signature-Input": 'nic="x";tag="nic-v1"'}), Code.REQUEST_MALFORMED),
    ("not ascii", lambda r: r.headers.update({"Signature-Input": 'nic=("é");tag="nic-v1"'}), Code.REQUEST_MALFORMED),
    ("created no number", lambda r: edit(r, f"created={int(NOW.timestamp())}", 'created="now"'), Code.REQUEST_MALFORMED),
    ("created beyond time", lambda r: edit(r, f"created={int(NOW.timestamp())}", f"created={10**15 - 1}"),
     Code.REQUEST_MALFORMED),
    ("nonce a token", lambda r: edit(r, f'"{NONCE}"', "abcdef0123456789"), Code.REQUEST_MALFORMED),
    ("nonce a number", lambda r: edit(r, f'"{NONCE}"', "123"), Code.REQUEST_MALFORMED),
    ("nonce short", lambda r: edit(r, NONCE, "short"), Code.REQUEST_MALFORMED),
    ("expired", lambda r: edit(r, ";tag=", ";expires=1;tag="), Code.REQUEST_STALE),
    ("keyid without kid", lambda r: edit(r, SIGNER.key_id, MEMBER), Code.REQUEST_MALFORMED),
]  # fmt: skip


@pytest.mark.parametrize(("what", "alter", "code"), ALTERATIONS, ids=[row[0] for row in ALTERATIONS])
def test_each_alteration_is_refused_with_its_code(what: str, alter: Callable[[Request], Any], code: Code) -> None:
    request = signed()
    alter(request)
    with pytest.raises(Untrusted) as refused:
        request.verify()
    assert refused.value.code == code


def test_a_proxy_may_add_a_signature_of_its_own() -> None:
    request = signed()
    add_a_proxy_s_signature(request)
    assert request.verify() == MEMBER


def test_every_bit_of_the_signature_counts() -> None:
    request = signed()
    good = base64.b64decode(request.headers["Signature"].split(":")[1])
    for position in range(0, 512, 7):
        altered = bytearray(good)
        altered[position // 8] ^= 1 << position % 8
        request.headers["Signature"] = f"nic=:{base64.b64encode(altered).decode()}:"
        with pytest.raises(Untrusted) as refused:
            request.verify()
        assert refused.value.code == Code.SIGNATURE_INVALID


header_text = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=120)
pieces = st.sampled_from(
    ["nic=", "(", ")", '"@method"', '"@target-uri"', '"content-digest"', " ", ";created=", "1793102400", ';keyid="',
     SIGNER.key_id, '"', ';nonce="0123456789abcdef"', ';alg="ed25519"', ';tag="nic-v1"', ",", ";req", ";bs", ";key=1",
     '"@query-param";name="size"', '"@status"', "?1", ":AA==:", "1.5", "é", "\udcff"]
)  # fmt: skip


@settings(deadline=None)  # two cores are shared
@given(
    st.lists(pieces, max_size=24).map("".join) | header_text, st.lists(pieces, max_size=4).map("".join) | header_text
)
def test_no_other_exception_leaves_whatever_the_headers_say(signature_input: str, signature: str) -> None:
    request = signed()
    request.headers["Signature-Input"] = signature_input
    request.headers["Signature"] = signature
    with pytest.raises(Untrusted):
        request.verify()


@settings(deadline=None)  # two cores are shared
@given(st.text(max_size=60))
def test_no_other_exception_leaves_whatever_the_digest_says(text: str) -> None:
    request = signed()
    request.headers["Content-Digest"] = text
    with pytest.raises(Untrusted):
        request.verify()


@settings(deadline=None)  # two cores are shared
@given(st.binary(max_size=100), st.sampled_from(["GET", "POST"]))
def test_every_honest_request_is_accepted(body: bytes, method: str) -> None:
    assert signed(body=body, method=method).verify() == MEMBER
