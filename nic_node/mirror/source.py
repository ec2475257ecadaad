"""Where a log is read from over HTTP. What comes is believed by nobody until it is proven."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from federation.errors import Unreachable, untrusted_document
from federation.tlog.tiles import CHECKPOINT_PATH, TILE_WIDTH, Tile
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.signing import RequestSigner
from schemas.document import InvalidDocument, load_document
from schemas.limits import BLOB_MAX_BYTES
from schemas.membership import ACKS
from schemas.problem import Code

CHECKPOINT_TYPE: Final = "text/plain"
TILE_TYPE: Final = "application/octet-stream"
BLOBS_TYPE: Final = "application/x-ndjson"
MAX_ACKS_BYTES: Final = 2 * 1024 * 1024
"""A line of some 80 bytes a member."""
MAX_BLOBS_BYTES: Final = TILE_WIDTH * (BLOB_MAX_BYTES + 1)
FOUND_OR_NOT: Final = frozenset({200, 404})
SAME: Final = 304


@dataclass(frozen=True, slots=True)
class HeldNote:
    """A checkpoint as its source gave it last, and the tag by which it is asked whether that changed; "": by none."""

    note: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class ShownAcks:
    """Entity -> the index below which it has erased; none: there is no such file, or `is_same`, what is held holds."""

    acks: dict[str, Any]
    etag: str
    is_same: bool = False


class HttpLog:
    """A `federation.tlog.reader.LogReader` over HTTP, and the reader of blobs, which takes a signature.

    Args:
        url: `{log}` of federation.md, or a mirror's copy of it.
        signer: this school's; without it there are no blobs.
        held: the checkpoint that it gave before; one that is still the same is not sent again.

    Attributes:
        held: the checkpoint that it gave last.
        is_same: whether that is the one that was held before.
        seconds: what that answer took.
    """

    def __init__(
        self, client: PeerClient, url: str, signer: RequestSigner | None = None, held: HeldNote | None = None
    ) -> None:
        self.url = url
        self.held = held
        self.is_same = False
        self.seconds: float | None = None
        self._client = client
        self._signer = signer

    async def read(self, path: str, *, max_bytes: int) -> bytes:
        """The file at a path of the log.

        Raises:
            Unreachable: LOG_INCOMPLETE, it is not there; or there is no answer.
            Untrusted: the answer is of another kind or too large.
        """
        if path == CHECKPOINT_PATH:
            return await self._read_checkpoint(max_bytes)
        answer = await self._client.get(
            f"{self.url}/{path}", content_type=TILE_TYPE, max_bytes=max_bytes, accept_status=FOUND_OR_NOT
        )
        if answer.status != 200:
            raise Unreachable(Code.LOG_INCOMPLETE, f"The log has no {path}.")
        return answer.body

    async def _read_checkpoint(self, max_bytes: int) -> bytes:
        asked_at = asyncio.get_running_loop().time()
        answer = await self._client.get(
            f"{self.url}/{CHECKPOINT_PATH}",
            content_type=CHECKPOINT_TYPE,
            max_bytes=max_bytes,
            accept_status=FOUND_OR_NOT | {SAME},
            etag=self.held.etag if self.held is not None else "",
        )
        self.seconds = asyncio.get_running_loop().time() - asked_at
        if answer.status == SAME and self.held is not None:
            self.is_same = True
            return self.held.note
        if answer.status != 200:
            raise Unreachable(Code.LOG_INCOMPLETE, f"The log has no {CHECKPOINT_PATH}.")
        self.held = HeldNote(answer.body, answer.etag)
        return answer.body

    async def read_acks(self, etag: str = "") -> ShownAcks:
        """What the network says that its members promised to have erased.

        Args:
            etag: of the list that is held already.

        Raises:
            Unreachable, Untrusted: as `read`.
        """
        answer = await self._client.get(
            f"{self.url}/acks",
            content_type="application/json",
            max_bytes=MAX_ACKS_BYTES,
            accept_status=FOUND_OR_NOT | {SAME},
            etag=etag,
        )
        if answer.status != 200:
            return ShownAcks({}, "", is_same=bool(etag) and answer.status == SAME)
        try:
            return ShownAcks(load_document(ACKS, answer.body, max_bytes=MAX_ACKS_BYTES), answer.etag)
        except InvalidDocument as error:
            raise untrusted_document(error) from error

    async def read_blob(self, sha256: str) -> bytes | None:
        """One blob by its hash, for audits; None where it is not there.

        Raises:
            Unreachable, Untrusted: as `read`; PeerRefused, 410 among them: it is gone.
        """
        answer = await self._client.get(
            f"{self.url}/blob/{sha256}",
            content_type=(),
            max_bytes=BLOB_MAX_BYTES,
            signer=self._signer,
            accept_status=FOUND_OR_NOT,
        )
        return answer.body if answer.status == 200 else None

    async def read_blobs(self, tile: Tile) -> list[bytes]:
        """The living blobs under a tile of level 0, as they come: a line each.

        Raises:
            Unreachable, Untrusted: as `read`; PeerRefused, the network does not take us for a member.
        """
        full = Tile(0, tile.index)
        for path in dict.fromkeys((tile.blobs_path, full.blobs_path)):
            answer = await self._client.get(
                f"{self.url}/{path}",
                content_type=BLOBS_TYPE,
                max_bytes=MAX_BLOBS_BYTES,
                signer=self._signer,
                accept_status=FOUND_OR_NOT,
                may_be_empty=True,
            )
            if answer.status == 200:
                return [line for line in answer.body.split(b"\n") if line]
        raise Unreachable(Code.LOG_INCOMPLETE, f"The log has no {tile.blobs_path}.")
