"""What would tell who wrote, each put where the product guards against it: so that an attack is seen to find it.

A leak of the network's is one by which the network learns whose a record is; one of the relays' tells them which of
their senders have something to say.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from federation.errors import Untrusted
from federation.keys import thumbprint
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode
from nic_node.network.log import peers
from nic_node.network.log.tables import LogRefusal
from nic_node.peerhttp import client
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.signing import RequestSigner
from nic_node.publishing import outbox, slots
from nic_node.publishing.relays import pass_on
from nic_node.publishing.relays.tables import RelayedSlot
from schemas.code import Code
from tests.attack.attackers import ids_of
from tests.attack.seen import digest_of
from tests.attack.transcripts import RELAY, SUBMISSIONS, Federation
from tests.fakes.network_log import shared_key

UNKNOWN_JKT = thumbprint(shared_key("Ed25519", "nobody's"))

Leak = Callable[[Federation, pytest.MonkeyPatch], None]
Sign = Callable[..., dict[str, str]]


def _is_record(federation: Federation, envelope: bytes | None) -> bool:
    return envelope is not None and digest_of(envelope) in federation.seen.contents


def _origin(federation: Federation, envelope: bytes | None) -> str:
    assert envelope is not None
    return federation.seen.origins[digest_of(envelope)]


# To the network ---------------------------------------------------------------------------------------------------------


def pass_name_on(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    before: Sign = client.build_signature_headers

    def sign(by: RequestSigner, *, target_uri: str, body: bytes | None, **named: Any) -> dict[str, str]:
        headers = before(by, target_uri=target_uri, body=body, **named)
        return headers | ({"X-Forwarded-For": _origin(federation, body)} if SUBMISSIONS in target_uri else {})

    patch.setattr(client, "build_signature_headers", sign)


def make_nonces_of_names(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    before: Sign = client.build_signature_headers

    def sign(by: RequestSigner, *, target_uri: str, body: bytes | None, **named: Any) -> dict[str, str]:
        if SUBMISSIONS in target_uri:
            named["nonce"] = ids_of(_origin(federation, body))[0] + named["nonce"]
        return before(by, target_uri=target_uri, body=body, **named)

    patch.setattr(client, "build_signature_headers", sign)


def cut_by_number(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    """What is passed on is shorter by the sender's number. The network refuses it, and has seen it."""
    post = PeerClient.post

    async def cut(self: PeerClient, url: str, *, body: bytes, **named: Any) -> Any:
        if SUBMISSIONS in url:
            sent, author = digest_of(body), _origin(federation, body)
            body = body[: len(body) - sorted(federation.entities).index(author)]
            federation.seen.origins[digest_of(body)] = author
            if sent in federation.seen.contents:
                federation.seen.contents[digest_of(body)] = federation.seen.contents[sent]
        return await post(self, url, body=body, **named)

    patch.setattr(PeerClient, "post", cut)


def poll_as_it_sends(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(federation, "polls_as_it_sends", True)


def sign_by_known_key(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    """Records by the school's http key instead of its pseudonym's. The network refuses them, and has seen them."""

    async def load(session: Any, *, entity_id: str, **_: Any) -> Any:
        school = next(school for school in federation.schools if school.node.entity_id == entity_id)
        return (await signer(school.node, session)).private_jwk

    patch.setattr(outbox, "load_private_jwk", load)


def log_senders(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    """A relay's log says whose envelope it passed on, and goes where the network's log goes."""
    passed_on = pass_on._pass_on

    async def noted(node: LocalNode, network: str, envelope: bytes) -> None:
        logging.getLogger("relay").warning("%s of %s", digest_of(envelope), _origin(federation, envelope))
        await passed_on(node, network, envelope)

    patch.setattr(pass_on, "_pass_on", noted)


def keep_senders(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    """The network's database keeps whose envelope it took."""
    take = peers.take_envelope

    async def kept(session: Any, *, log: Any, envelope: bytes, now: Any, **named: Any) -> None:
        await take(session, log=log, envelope=envelope, now=now, **named)
        told = {"what": "envelope", "code": "-", "detail": "", "source": _origin(federation, envelope)}
        session.add(LogRefusal(log_id=log.id, at=now, sha256=digest_of(envelope), **told))

    patch.setattr(peers, "take_envelope", kept)


def refuse_records(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    """The network's answer depends on what is inside, and says whose it is; the relay's depends on the network's."""
    take = peers.take_envelope

    async def refuse(session: Any, *, envelope: bytes, **named: Any) -> None:
        if _is_record(federation, envelope):
            raise Untrusted(Code.ENVELOPE_MALFORMED, f"What {_origin(federation, envelope)} sent is no good.")
        await take(session, envelope=envelope, **named)

    patch.setattr(peers, "take_envelope", refuse)


TO_NETWORK: dict[tuple[str, str], Leak] = {
    ("headers", "named with it"): pass_name_on,
    ("ids", "made from its name"): make_nonces_of_names,
    ("sizes", "tells its number"): cut_by_number,
    ("order", "heard of just before"): poll_as_it_sends,
    ("timing", "shortly before"): poll_as_it_sends,
    ("keys", "its own"): sign_by_known_key,
    ("log lines", "named beside it"): log_senders,
    ("database rows", "named beside it"): keep_senders,
    ("error messages", "named in its answer"): refuse_records,
}
"""The attack that finds a leak -> the leak."""


# To relays --------------------------------------------------------------------------------------------------------------


def mark_records(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    before: Sign = client.build_signature_headers

    def sign(by: RequestSigner, *, target_uri: str, body: bytes | None, **named: Any) -> dict[str, str]:
        headers = before(by, target_uri=target_uri, body=body, **named)
        return headers | ({"Priority": "u=1"} if RELAY in target_uri and _is_record(federation, body) else {})

    patch.setattr(client, "build_signature_headers", sign)


def make_nonces_of_kinds(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    before: Sign = client.build_signature_headers

    def sign(by: RequestSigner, *, target_uri: str, body: bytes | None, **named: Any) -> dict[str, str]:
        if RELAY in target_uri:
            named["nonce"] = ("r" if _is_record(federation, body) else "d") + named["nonce"]
        return before(by, target_uri=target_uri, body=body, **named)

    patch.setattr(client, "build_signature_headers", sign)


def leave_dummies_short(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    """Without zeros behind what they hold. The relay refuses them, and has seen them."""
    seal = slots.seal_dummy
    patch.setattr(slots, "seal_dummy", lambda *key, **named: seal(*key, **named)[:100])


def send_no_dummies(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    send = slots._send

    async def only_records(node: LocalNode, network: str, envelope: slots.Envelope) -> bool:
        return envelope.outgoing is None or await send(node, network, envelope)

    patch.setattr(slots, "_send", only_records)


def send_at_once(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    """Without the drawn moment: what was approved leaves as the slot begins, one after the other."""
    act = federation.acts.act

    async def hurried(node: LocalNode, turn: str) -> None:
        await act(node, turn)
        (school,) = (school for school in federation.schools if school.node is node)
        school.due = federation.clock() + timedelta(milliseconds=1 + len(federation.acted))

    patch.setattr(federation.acts, "act", hurried)


def ask_by_other_keys(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    """Requests with a dummy are signed by a key that nobody knows. The relay refuses them, and has seen them."""
    before: Sign = client.build_signature_headers

    def sign(by: RequestSigner, *, target_uri: str, body: bytes | None, **named: Any) -> dict[str, str]:
        headers = before(by, target_uri=target_uri, body=body, **named)
        if RELAY in target_uri and not _is_record(federation, body):
            headers["Signature-Input"] = headers["Signature-Input"].replace(by.key.jkt, UNKNOWN_JKT)
        return headers

    patch.setattr(client, "build_signature_headers", sign)


def log_findings(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    """The network's log says which envelopes hold something, and goes where the relays' logs go."""
    take = peers.take_envelope

    async def noted(session: Any, *, envelope: bytes, **named: Any) -> None:
        await take(session, envelope=envelope, **named)
        if _is_record(federation, envelope):
            logging.getLogger("network").warning("%s is a record", digest_of(envelope))

    patch.setattr(peers, "take_envelope", noted)


def keep_findings(federation: Federation, patch: pytest.MonkeyPatch) -> None:
    """The network tells the relay, which keeps it."""
    use = pass_on._carry

    async def kept(node: LocalNode, network: str, sent: Any, slot: int) -> None:
        await use(node, network, sent, slot)
        if _is_record(federation, sent.body):
            async with node.database.writing() as session:
                session.add(RelayedSlot(network=f"{network} record", sender=sent.entity_id, slot=slot))

    patch.setattr(pass_on, "_carry", kept)


TO_RELAYS: dict[tuple[str, str], Leak] = {
    ("headers", "their number, most"): mark_records,
    ("ids", "the nonce's beginning, most"): make_nonces_of_kinds,
    ("sizes", "of the body, most"): leave_dummies_short,
    ("order", "how many, most"): send_no_dummies,
    ("timing", "moment, least"): send_at_once,
    ("keys", "known as its own, most"): ask_by_other_keys,
    ("log lines", "about its envelope, most"): log_findings,
    ("database rows", "about it, most"): keep_findings,
    ("error messages", "status, most"): refuse_records,
}

TOGETHER = (
    ("headers", "ids", "log lines", "database rows"), ("sizes",), ("order",), ("timing",), ("keys",), ("error messages",)
)  # fmt: skip
"""Aspects whose leaks don't disturb each other's, so that one slot shows them all."""
