"""The contents of a log as a member gets them, from the network or from another member's copy: for whoever verifies."""

from collections.abc import Mapping
from typing import Any

from nic_node.membership.fetch import fetch_document
from nic_node.mirror.source import HttpLog
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.signing import RequestSigner


class MemberContents(HttpLog):
    """A `federation.verify_contents.Contents`, and a reader of the log's files.

    Args:
        url: of the log, or of a copy, which serves the network's documents too.
        signer: of a member.
    """

    def __init__(self, client: PeerClient, url: str, signer: RequestSigner) -> None:
        super().__init__(client, url, signer)
        self._documents_by = client

    async def read_document(self, network: str, sha256: str) -> Mapping[str, Any]:
        """A policy or a lattice, its hash checked. Raises Untrusted, Unreachable: as `fetch_document`."""
        is_of_network = self.url.startswith(f"{network}/")
        folder = None if is_of_network else f"{self.url}/documents"
        _, document = await fetch_document(self._documents_by, network, sha256, folder=folder)
        return document
