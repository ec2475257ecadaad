"""The examples of docs/protocol.md, and the schema that each is loaded through."""

import json
import re
from functools import cache, partial
from pathlib import Path

from schemas import district, entity, leaf, membership, practice
from schemas.blob import load_blob
from schemas.canonical import canonical_bytes
from schemas.document import load_document
from schemas.leaf import load_leaf_payload
from schemas.policy import load_public_document

PAGE = Path(__file__).parents[3] / "docs" / "protocol.md"
BLOCK = re.compile(r"^```json ([a-z-]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _from_bytes(load):
    return lambda document: load(canonical_bytes(document))


SCHEMAS = {
    "school-configuration": entity.ENTITY_STATEMENT,
    "network-configuration": entity.ENTITY_STATEMENT,
    "subordinate-statement": entity.ENTITY_STATEMENT,
    "trust-mark": entity.TRUST_MARK,
    "trust-mark-status": entity.TRUST_MARK_STATUS,
    "historical-keys": entity.HISTORICAL_KEYS,
    "application": membership.APPLICATION,
    "invitation": membership.INVITATION,
    "application-answer": membership.APPLICATION_ANSWER,
    "application-status": membership.APPLICATION_STATUS,
    "confirmation": membership.CONFIRMATION,
    "transition": membership.TRANSITION,
    "leave": membership.LEAVE,
    "renewal": membership.RENEWAL,
    "appeal": membership.APPEAL,
    "open-appeals": membership.OPEN_APPEALS,
    "hint": membership.HINT,
    "blind-sign-request": membership.BLIND_SIGN_REQUEST,
    "blind-sign-answer": membership.BLIND_SIGN_ANSWER,
    "retraction": membership.RETRACTION,
    "ack": membership.ACK,
    "incident": membership.INCIDENT,
    "acks": membership.ACKS,
    "evidence": membership.EVIDENCE,
    "fork": membership.FORK,
    "district-named": district.DISTRICT_NAMED,
    "shared": district.SHARED,
    "obstacle-answer": district.OBSTACLE_ANSWER,
    "leaf-header": leaf.LEAF_HEADER,
    "issue-request": leaf.ISSUE_REQUEST,
    "credential-message": leaf.CREDENTIAL_MESSAGE,
    **practice.PAYLOADS,
}
LOADERS = {
    **{name: partial(load_document, schema) for name, schema in SCHEMAS.items()},
    **dict.fromkeys([*leaf.LEAVES, "genesis-successor"], _from_bytes(load_leaf_payload)),
    **dict.fromkeys(["policy", "charter", "lattice"], _from_bytes(load_public_document)),
    "blob": _from_bytes(load_blob),
}
# Shown for what they are; they have no schema of their own.
WITHOUT_SCHEMA = {"problem", "federation-error"}
# Standards that let others add claims (OpenID Federation, RFC 7517).
OPEN = {name for name, schema in SCHEMAS.items() if isinstance(schema, entity.OpenDocument)}


@cache
def _page() -> dict[str, str]:
    found = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(found) == len(dict(found)), "an example stands twice"
    return dict(found)


def example_names() -> list[str]:
    return sorted(_page().keys() - WITHOUT_SCHEMA)


def example(name: str):
    """A fresh copy of an example."""
    return json.loads(_page()[name])
