"""Other members' nodes as witnesses, in memory: honest unless a test says otherwise."""

from collections.abc import Callable
from typing import Any

from federation.errors import Unreachable, Untrusted
from federation.tlog.checkpoint import Checkpoint
from federation.tlog.merkle import EMPTY_ROOT
from federation.tlog.note import COSIGNATURE_V1, VerifierKey, build_vkey
from federation.tlog.witness import (
    SIZE_CONTENT_TYPE,
    WitnessConflict,
    cosign,
    parse_add_checkpoint,
    verify_add_checkpoint,
)
from nic_node.peerhttp.answers import PeerAnswer
from nic_node.peerhttp.client import PeerClient
from schemas.ids import build_witness_name
from schemas.problem import Code
from tests.fakes.network_log import shared_key

PATH = "/witness/add-checkpoint"


def witness_vkey(entity: str) -> VerifierKey:
    return build_vkey(build_witness_name(entity), shared_key("Ed25519", f"witness {entity}"), COSIGNATURE_V1)


class Witnesses(PeerClient):
    """Cosigns at any entity's address; all else goes over HTTP.

    Attributes:
        log_key: of the log that they witness.
        held: entity -> what it cosigned last.
        down: entities that give no answer.
        lying: entity -> what becomes of its answer.
        asked: (entity, old size) of each request.
        before_answer: called before each answer, to let something else happen first.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.log_key: VerifierKey | None = None
        self.held: dict[str, Checkpoint] = {}
        self.down: set[str] = set()
        self.lying: dict[str, Callable[[bytes], bytes]] = {}
        self.asked: list[tuple[str, int]] = []
        self.before_answer: Callable[[], Any] | None = None

    async def post(self, url: str, *, body: bytes, **arguments: Any) -> PeerAnswer:
        if not url.endswith(PATH):
            return await super().post(url, body=body, **arguments)
        entity = url.removesuffix(PATH)
        request = parse_add_checkpoint(body)
        self.asked.append((entity, request.old_size))
        if entity in self.down:
            raise Unreachable(Code.PEER_UNREACHABLE, f"{entity} can't be reached.")
        assert self.log_key is not None
        held = self.held.get(entity, Checkpoint(self.log_key.name, 0, EMPTY_ROOT))
        try:
            verified = verify_add_checkpoint(request, self.log_key, held)
        except WitnessConflict as error:
            return PeerAnswer(409, SIZE_CONTENT_TYPE, b"%d\n" % error.size)
        except Untrusted:
            return PeerAnswer(409, "application/problem+json", b"{}")
        self.held[entity] = verified.checkpoint
        line = cosign(
            request.note, shared_key("Ed25519", f"witness {entity}"), build_witness_name(entity), 1_790_000_000
        )
        if self.before_answer is not None:
            act, self.before_answer = self.before_answer, None
            await act()
        return PeerAnswer(200, "text/plain", self.lying.get(entity, bytes)(line))
