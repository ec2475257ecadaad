"""Asking a network how one's own application or membership stands: a school asks, and a network asks the one above."""

from typing import Any

from federation.errors import Untrusted
from nic_node.membership.local import LocalNode
from nic_node.peerhttp.signing import RequestSigner
from schemas.document import InvalidDocument, load_document
from schemas.limits import REQUEST_MAX_BYTES
from schemas.membership import APPLICATION_STATUS


async def ask_status(node: LocalNode, network: str, application_id: str, signs: RequestSigner) -> dict[str, Any]:
    """Of `schemas.membership.APPLICATION_STATUS`.

    Raises:
        Untrusted: refused, or told in a way that can't be read. Unreachable: no answer.
    """
    answer = await node.client.get(
        f"{network}/v1/applications/{application_id}",
        content_type="application/json",
        max_bytes=REQUEST_MAX_BYTES,
        signer=signs,
    )
    try:
        return load_document(APPLICATION_STATUS, answer.body)
    except InvalidDocument as error:
        raise Untrusted(
            error.code, "The network told how the application stands in a way that can't be read."
        ) from error
