"""What would link this school to a pseudonym or a record rests sealed under the operator's key."""

import json
from collections.abc import Mapping
from typing import Any

from nic_node.keyring.operator_key import OperatorKey
from nic_node.keyring.sealing import open_bytes, seal_bytes


def seal_document(operator_key: OperatorKey, document: Mapping[str, Any], *, context: str) -> bytes:
    """JSON values, sealed for the place that `context` names."""
    return seal_bytes(operator_key, json.dumps(document, ensure_ascii=False).encode(), context=context)


def open_document(operator_key: OperatorKey, sealed: bytes, *, context: str) -> dict[str, Any]:
    """What `seal_document` sealed.

    Raises:
        WrongOperatorKey, SealBroken: it can't be opened.
    """
    document: dict[str, Any] = json.loads(open_bytes(operator_key, sealed, context=context))
    return document


def release_context(record_sha256: str) -> str:
    return f"publishing.release {record_sha256}"


def facts_context(record_sha256: str) -> str:
    return f"publishing.facts {record_sha256}"


def incident_context(release_id: int) -> str:
    return f"publishing.incident {release_id}"


def outbox_context(release_id: int) -> str:
    return f"publishing.outbox {release_id}"


def place_context(release_id: int) -> str:
    return f"publishing.place {release_id}"


def retraction_context(release_id: int) -> str:
    return f"publishing.retraction {release_id}"


def epoch_context(network: str, epoch: int) -> str:
    return f"publishing.epoch {network}#{epoch}"
