"""The bytes that somebody approved: kept sealed, also after they were taken back."""

from typing import Any

from nic_node.keyring.sealing import open_bytes
from nic_node.membership.local import LocalNode
from nic_node.publishing.sealing import release_context
from nic_node.publishing.tables import Release
from schemas.canonical import read_json
from schemas.limits import BLOB_MAX_BYTES


def released_record(node: LocalNode, release: Release) -> dict[str, Any]:
    """The approved bytes, opened; empty once the retention schedule erased them."""
    if release.erased_at is not None:
        return {}
    approved = open_bytes(node.operator_key, release.sealed_record, context=release_context(release.record_sha256))
    record: dict[str, Any] = read_json(approved, max_bytes=BLOB_MAX_BYTES)
    return record
