"""Which rows to load before a bundle of leaves or blobs is judged.

Nothing is verified here: a key too many costs little.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from federation.epochs import MAX_ISSUE_REQUEST_BYTES
from federation.errors import Untrusted
from federation.judge.rows import RecordRow
from federation.jws import peek_jws
from federation.leaves import Leaf
from schemas.ids import parse_record_id
from schemas.leaf import ISSUE_TYP, LEAF_TYP
from schemas.limits import LEAF_MAX_BYTES

REFERENCES = ("target", "origin", "supersedes", "practice")
"""The members of a payload that name other records."""


@dataclass(frozen=True)
class Wanted:
    """Keys of rows; those that don't exist are simply not loaded.

    pseudonyms: PseudonymRow by jkt. jkts: MemberRow by jkt, with the IssuedRows of its entity. entities: MemberRow by
    entity. records: RecordRow by (origin, index). blob_sha256s: RecordRow by blob. replications: ReplicationRow by
    (jkt, practice).
    """

    pseudonyms: set[str] = field(default_factory=set)
    jkts: set[str] = field(default_factory=set)
    entities: set[str] = field(default_factory=set)
    records: set[tuple[str, int]] = field(default_factory=set)
    blob_sha256s: set[str] = field(default_factory=set)
    replications: set[tuple[str, str]] = field(default_factory=set)


def wanted_by_leaves(leaves: Iterable[bytes]) -> Wanted:
    """What judging these leaves will look up."""
    wanted = Wanted()
    for data in leaves:
        try:
            leaf = peek_jws(data, typ=LEAF_TYP, max_bytes=LEAF_MAX_BYTES)
        except Untrusted:
            continue  # It will be refused without a look-up.
        _want_leaf(wanted, leaf.kid, leaf.payload)
    return wanted


def wanted_by_read(leaves: Iterable[Leaf | Untrusted]) -> Wanted:
    """`wanted_by_leaves` of leaves that were read before (`try_leaf`)."""
    wanted = Wanted()
    for leaf in leaves:
        if isinstance(leaf, Untrusted):
            continue
        if leaf.t == "record":  # most are, and by their schema they name nothing else
            wanted.pseudonyms.add(leaf.kid)
            wanted.blob_sha256s.add(leaf.payload["blob_sha256"])
        else:
            _want_leaf(wanted, leaf.kid, leaf.payload)
    return wanted


def wanted_by_blobs(blobs: Iterable[tuple[RecordRow, bytes]]) -> Wanted:
    """What judging these blobs of these records will look up."""
    return wanted_by_references((record, _payload_of(data)) for record, data in blobs)


def wanted_by_references(payloads: Iterable[tuple[RecordRow, Mapping[str, Any]]]) -> Wanted:
    """The same of payloads, or of as much of them as names other records."""
    wanted = Wanted()
    for record, payload in payloads:
        if not payload:
            continue
        _want_references(wanted, payload)
        if isinstance(practice := payload.get("origin"), str):
            wanted.replications.add((record.jkt, practice))
    return wanted


def _want_leaf(wanted: Wanted, kid: str, payload: Mapping[str, Any]) -> None:
    wanted.pseudonyms.add(kid)
    _want_named(wanted, payload)


def _want_named(wanted: Wanted, payload: Mapping[str, Any]) -> None:
    if isinstance(jkt := payload.get("jkt"), str):
        wanted.jkts.add(jkt)
        wanted.pseudonyms.add(jkt)
    if isinstance(entity := payload.get("entity"), str):
        wanted.entities.add(entity)
    if isinstance(blob_sha256 := payload.get("blob_sha256"), str):
        wanted.blob_sha256s.add(blob_sha256)
    if isinstance(request := payload.get("jws"), str):
        wanted.jkts.update(_requester(request))
    _want_references(wanted, payload)


def _requester(request: str) -> list[str]:
    try:
        return [peek_jws(request, typ=ISSUE_TYP, max_bytes=MAX_ISSUE_REQUEST_BYTES, extra_header_names=None).kid]
    except Untrusted:
        return []


def _want_references(wanted: Wanted, payload: Mapping[str, Any]) -> None:
    for name in REFERENCES:
        if isinstance(reference := payload.get(name), str):
            try:
                wanted.records.add(parse_record_id(reference))
            except ValueError:
                continue  # It will be refused by its schema.


def _payload_of(data: bytes) -> Mapping[str, Any]:
    try:
        payload = json.loads(data)["payload"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return {}
    return payload if isinstance(payload, dict) else {}
