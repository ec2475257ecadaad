"""Other members' copies of the log, as a node reads them: honest unless a test says otherwise."""

from collections.abc import Callable
from typing import Any

from federation.errors import Unreachable
from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.peerhttp.answers import PeerAnswer
from nic_node.peerhttp.client import PeerClient
from schemas.canonical import canonical_bytes, sha256_hex
from schemas.problem import Code
from tests.fakes.served_log import Lines, ServedLog

BLOBS, DOCUMENTS = "blobs/", "documents/"


class MemberMirrors(PeerClient):
    """Answers for every member's `/mirror/...`; all else goes over HTTP.

    Attributes:
        shown: member's entity id -> the files that it serves instead of the log's own; None: it is down.
        asked: whose checkpoints were asked for.
        change_lines: member -> what a bundle's blobs become on their way out.
    """

    def __init__(self, served: ServedLog, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._served = served
        self.shown: dict[str, dict[str, bytes] | None] = {}
        self.asked: list[str] = []
        self.change_lines: dict[str, Callable[[Lines], Lines]] = {}

    async def get(self, url: str, **arguments: Any) -> PeerAnswer:
        entity, copy, path = url.partition("/mirror/")
        if not copy:
            return await super().get(url, **arguments)
        name = path.partition("/")[2]
        files = self.shown.get(entity, self._served.log.files)
        if name == CHECKPOINT_PATH:
            self.asked.append(entity)
        if files is None:
            raise Unreachable(Code.PEER_UNREACHABLE, f"{entity} can't be reached.")
        if name.startswith(BLOBS) and arguments.get("signer") is not None:
            return self._blobs(entity, name.removeprefix(BLOBS))
        if name.startswith(DOCUMENTS):
            document = self._served.log.documents[name.removeprefix(DOCUMENTS)]
            return PeerAnswer(200, "application/json", canonical_bytes(document))
        if name not in files:
            return PeerAnswer(404, "", b"")
        if name != CHECKPOINT_PATH:
            return PeerAnswer(200, "application/octet-stream", files[name])
        etag = f'"{sha256_hex(files[name])}"'
        if arguments.get("etag") == etag:
            return PeerAnswer(304, "", b"")
        return PeerAnswer(200, "text/plain", files[name], etag)

    def _blobs(self, entity: str, name: str) -> PeerAnswer:
        lines = self.change_lines.get(entity, lambda lines: lines)(self._served.living(name))
        return PeerAnswer(200, "application/x-ndjson", b"".join(line + b"\n" for line in lines))
