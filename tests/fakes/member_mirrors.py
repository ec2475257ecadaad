"""Other members' copies of the log, as a node asks them for a checkpoint: honest unless a test says otherwise."""

from typing import Any

from federation.errors import Unreachable
from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.peerhttp.answers import PeerAnswer
from nic_node.peerhttp.client import PeerClient
from schemas.problem import Code
from tests.fakes.served_log import ServedLog


class MemberMirrors(PeerClient):
    """Answers for every member's `/mirror/...`; all else goes over HTTP.

    Attributes:
        shown: member's entity id -> the files that it serves instead of the log's own; None: it is down.
        asked: whose checkpoints were asked for.
    """

    def __init__(self, served: ServedLog, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._served = served
        self.shown: dict[str, dict[str, bytes] | None] = {}
        self.asked: list[str] = []

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
        if name not in files:
            return PeerAnswer(404, "", b"")
        content_type = "text/plain" if name == CHECKPOINT_PATH else "application/octet-stream"
        return PeerAnswer(200, content_type, files[name])
