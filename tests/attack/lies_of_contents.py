"""Lies in what a network puts into its log, signed and in its place: what no log should hold."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from federation.keys import Jwk, generate_private_jwk, sign_bytes, thumbprint
from federation.leaves import build_block, build_member, build_moderate, build_record, build_retract, sign_leaf
from schemas.base64url import encode_base64url
from schemas.canonical import canonical_bytes, sha256_hex
from tests.attack.lies_of_bytes import Lie
from tests.attack.reader import FRESH
from tests.fakes.network_log import MEMBERS, PRACTICE, NetworkLog, federation_key, pseudonym_key

Put = Callable[[NetworkLog], int]
NARROW = {
    "rung": "measured",
    "direction": "better",
    "aim": {"measure": "absent-10pct-window", "better": "down"},
    "measures": [
        {
            "measure": "absent-10pct-window",
            "definition_version": 1,
            "kind": "outcome",
            "unit": "proportion",
            "window": "20-school-days",
            "design": "pre-post",
            "season": "not-ruled-out",
            "points": [{"at": "baseline", "n": 60, "band": [31, 32]}, {"at": "end", "n": 60, "band": [20, 25]}],
        }
    ],
}


@dataclass(frozen=True)
class Content:
    """`put` appends it and answers its index; `what` it is that is refused."""

    name: str
    put: Put
    code: str
    what: str = "blob"


def altered(log: NetworkLog, name: str = "ada", **changes: Any) -> bytes:
    """A blob that no honest node would make, in canonical form."""
    return canonical_bytes(json.loads(log.record(name).blob) | changes)


def practice(**changes: Any) -> dict:
    return PRACTICE | changes


# Leaves -----------------------------------------------------------------------------------------------------------------


def stranger(log: NetworkLog) -> int:
    return log.append(log.record("eve").leaf)


def twice(log: NetworkLog) -> int:
    sealed = log.record("ada")
    log.blobs[log.append(sealed.leaf)] = sealed.blob
    return log.append(sealed.leaf)


def by_nobody(payload: Callable[[NetworkLog], dict]) -> Put:
    """A leaf that only the network's own key may sign."""
    return lambda log: log.append(sign_leaf(payload(log), generate_private_jwk("Ed25519")))


def moderation(log: NetworkLog) -> dict:
    return build_moderate(log.network, target=log.record_id(log.publish("ada")), reason="identifies-someone")


def block(log: NetworkLog) -> dict:
    return build_block(log.network, jkt=thumbprint(pseudonym_key("cem")), from_index=1)


def suspension(log: NetworkLog) -> dict:
    ben, jkt = log.entity("ben"), thumbprint(federation_key("ben"))
    return build_member(log.network, entity=ben, jkt=jkt, from_state="approved", to_state="suspended")


def of_another_network(log: NetworkLog) -> int:
    return log.append(NetworkLog(network=log.network.replace("north", "south")).record("ada").leaf)


def foreign_retraction(log: NetworkLog) -> int:
    return log.append(log.retract("ben", log.publish("ada")))


def retraction_of_nothing(log: NetworkLog) -> int:
    payload = build_retract(log.network, target=log.record_id(9_999), reason="withdrawn")
    return log.append(sign_leaf(payload, pseudonym_key("ada")))


def with_spaces(log: NetworkLog) -> int:
    """The same JSON, signed truly, in other bytes than the canonical ones."""
    payload = build_record(log.network, epoch=1, kind="practice", blob_sha256=sha256_hex(b"x"))
    return log.append(signed_bytes(json.dumps(payload, indent=1).encode(), pseudonym_key("ada")))


def signed_bytes(payload: bytes, private: Jwk) -> bytes:
    """A compact JWS over whatever bytes."""
    header = canonical_bytes({"alg": "EdDSA", "kid": thumbprint(private), "typ": "nic-leaf+jws"})
    message = f"{encode_base64url(header)}.{encode_base64url(payload)}".encode()
    return message + b"." + encode_base64url(sign_bytes(private, message)).encode()


# Blobs ------------------------------------------------------------------------------------------------------------------


def replicate(log: NetworkLog, name: str, origin: int) -> int:
    return log.publish(name, "replication", practice(title="Ours", origin=log.record_id(origin)))


def replicate_twice(log: NetworkLog) -> int:
    origin = log.publish("ben")
    replicate(log, "ada", origin)
    return replicate(log, "ada", origin)


def correction_of_anothers(log: NetworkLog) -> int:
    return log.publish("ada", payload=practice(supersedes=log.record_id(log.publish("ben"))))


CONTENTS = (
    Content("a record by a non-member", stranger, "pseudonym-unknown", "leaf"),
    Content("a duplicate record", twice, "record-duplicate", "leaf"),
    Content("a late pseudonym", lambda log: log.append(log.pseudonym("eve")), "pseudonym-late", "leaf"),
    Content("a retraction by another pseudonym", foreign_retraction, "target-not-own", "leaf"),
    Content("a retraction of nothing", retraction_of_nothing, "target-unknown", "leaf"),
    Content("a moderation by nobody", by_nobody(moderation), "leaf-signer-wrong", "leaf"),
    Content("a forged block list", by_nobody(block), "leaf-signer-wrong", "leaf"),
    Content("a forged member leaf", by_nobody(suspension), "leaf-signer-wrong", "leaf"),
    Content("a leaf of another network", of_another_network, "leaf-network-wrong", "leaf"),
    Content("a second genesis", lambda log: log.append(log.genesis()), "genesis-misplaced", "leaf"),
    Content("no leaf at all", lambda log: log.append(b"\x00\xff" * 9), "token-malformed", "leaf"),
    Content("a leaf of 4,097 bytes", lambda log: log.append(b"x" * 4_097), "leaf-too-large", "leaf"),
    Content("a leaf that is not canonical JSON", with_spaces, "not-canonical", "leaf"),
    Content("a member who never applied", lambda log: log.append(log.member("eve", "suspended")), "illegal-move",
            "leaf"),
    Content("another's blob under one's own pseudonym", lambda log: log.commit("ben", log.record("ada").blob),
            "blob-leaf-mismatch"),
    Content("a phone number in the text",
            lambda log: log.publish("ada", payload=practice(conditions="Call 555-201-9834 first.")), "rule-text"),
    Content("a band narrower than allowed", lambda log: log.publish("ada", payload=practice(**NARROW)), "rule-band"),
    Content("a field that nobody knows", lambda log: log.commit("ada", altered(log, teacher="N.")), "invalid-document"),
    Content("not the canonical bytes", lambda log: log.commit("ada", log.record("ada").blob + b" "), "not-canonical"),
    Content("a record of a later version", lambda log: log.commit("ada", altered(log, v=2)), "unsupported-version"),
    Content("no JSON", lambda log: log.commit("ada", b"<html></html>"), "not-json"),
    Content("50 KiB", lambda log: log.commit("ada", b"x" * 50_000), "blob-too-large"),
    Content("100 brackets deep", lambda log: log.commit("ada", b"[" * 100 + b"]" * 100), "too-deep"),
    Content("a correction of another's", correction_of_anothers, "target-not-own"),
    Content("a second replication", replicate_twice, "replicated-already"),
    Content("a replication of one's own", lambda log: replicate(log, "ada", log.publish("ada")), "own-practice"),
    Content("a replication of an unknown origin", lambda log: replicate(log, "ada", 9_999), "target-unknown"),
)  # fmt: skip


# What comes before a record can be read ---------------------------------------------------------------------------------


def opened(log: NetworkLog, *more: bytes, issued: int = 3, registered: int = 3) -> None:
    """Issue, register, and what else is to stand in the log before it opens; then two records as ever, and a third."""
    log.append(*(log.issued(name) for name in MEMBERS), *(log.pseudonym(name) for name in MEMBERS), *more)
    log.append(log.open(issued=issued, registered=registered))
    for title in ("First", "Second", "Third"):
        log.publish("ada", payload=practice(title=title))


def credential(**says: Any) -> Callable[[NetworkLog], None]:
    """A pseudonym whose credential says something else, or is by another key."""
    return lambda log: opened(log, log.pseudonym("eve", **says))


def second_signature(log: NetworkLog) -> None:
    opened(log, log.issued("ada"))


def to_no_member(log: NetworkLog) -> None:
    opened(log, log.issued("eve"))


def surplus_pseudonyms(log: NetworkLog) -> None:
    opened(log, log.pseudonym("eve"), registered=4)


def surplus_credentials(log: NetworkLog) -> None:
    opened(log, log.member("cem", "approved", "left"))


def counted_wrong(log: NetworkLog) -> None:
    """It says that more took part; without a true `open` nothing after it can be read."""
    log.append(*(log.issued(name) for name in MEMBERS), *(log.pseudonym(name) for name in MEMBERS))
    log.append(log.open(issued=30, registered=30))


def second_epoch_key(log: NetworkLog) -> None:
    """A second epoch under the key of the first, which should be erased by then."""
    opened(log)
    log.append(log.epoch(2, keys=1))


def another_policy_beside(log: NetworkLog) -> None:
    """A supplementary epoch that would bring another policy into force before the next one."""
    opened(log)
    log.append(log.supplement(policy_sha256="0" * 64))


PHASES: tuple[tuple[str, Callable[[NetworkLog], None], str], ...] = (
    ("a credential of another network", credential(network="https://else.example/net/x"), "credential-network-wrong"),
    ("a credential of another epoch", credential(said_epoch=2), "credential-epoch-wrong"),
    ("a credential of another pseudonym", credential(jkt="A" * 43), "credential-key-wrong"),
    ("a credential by another key", credential(keys=2), "credential-invalid"),
    ("a second blind signature in an epoch", second_signature, "issued-already"),
    ("a credential for no member", to_no_member, "not-a-member"),
    ("surplus pseudonyms", surplus_pseudonyms, "registered-surplus"),
    ("surplus credentials", surplus_credentials, "issued-surplus"),
    ("an opening that counts wrong", counted_wrong, "epoch-count-wrong"),
    ("an epoch under the key of another", second_epoch_key, "epoch-invalid"),
    ("a supplementary epoch by another policy", another_policy_beside, "epoch-supplement-wrong"),
)


def _lie(name: str, alters: str, put: Callable[[NetworkLog], object], found: str, stands: str) -> Lie:
    return Lie(
        name=name,
        liar="network",
        alters=alters,
        tell=lambda reader: put(reader.log),
        found=found,
        stands=stands,
        is_shut=put is counted_wrong,
    )


LIES = (
    *(_lie(one.name, one.what, one.put, one.code, "read") for one in CONTENTS),
    *(_lie(name, "epoch", put, code, FRESH) for name, put, code in PHASES),
)
