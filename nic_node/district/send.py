"""What leaves of itself: a school's word that it named a district, and a district's answers to its schools."""

from datetime import datetime
from typing import Final

from federation.errors import FederationError, Unreachable
from nic_node.district.tables import REFUSED, DistrictAnswer, DistrictSchool
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode
from nic_node.peerhttp.answers import PeerRefused
from schemas.canonical import canonical_bytes
from schemas.code import Code
from schemas.district import ANSWER_MAX_BYTES
from schemas.limits import WIRE_VERSION

JSON: Final = "application/json"
TAKEN: Final = frozenset({202})
NO_CONTENT: Final = frozenset({204})


async def tell_district(node: LocalNode, entity: str) -> None:
    """Say to a district that it may look.

    Raises:
        Unreachable: it could not be told now. What refuses is not told again: it looks by itself, or not at all.
    """
    body = canonical_bytes({"v": WIRE_VERSION, "entity": node.entity_id})
    try:
        await node.client.post(
            f"{entity}/v1/district/schools",
            body=body,
            body_type=JSON,
            content_type=(),
            max_bytes=0,
            accept_status=TAKEN,
        )
    except Unreachable:
        raise
    except FederationError:
        return


async def send_answer(node: LocalNode, answer_id: int) -> None:
    """Bring an answer to its school, and keep that it has it, or why it does not.

    Raises:
        Unreachable: it is tried again.
    """
    async with node.database.reading() as session:
        row = await session.get(DistrictAnswer, answer_id)
        if row is None or row.sent_at is not None:
            return
        school = await session.get_one(DistrictSchool, row.school_id)
        if school.state == REFUSED:
            return
        signed_by = await signer(node, session)
    document = {"v": WIRE_VERSION, "answer": row.answer} | ({"note": row.note} if row.note else {})
    try:
        await node.client.post(
            f"{school.entity}/v1/district/obstacles/{row.obstacle_id}",
            body=canonical_bytes(document),
            body_type=JSON,
            content_type=(),
            max_bytes=ANSWER_MAX_BYTES,
            signer=signed_by,
            accept_status=NO_CONTENT,
            may_be_empty=True,
        )
    except Unreachable:
        raise
    except FederationError as error:
        if isinstance(error, PeerRefused) and error.peer_code is Code.SIGNER_UNKNOWN:
            # The school is learning our keys at this moment.
            raise Unreachable(Code.PEER_BUSY, error.detail) from error
        await _keep(node, row, sent_at=None, problem=error.detail[:300])
        return
    await _keep(node, row, sent_at=node.clock(), problem="")


async def _keep(node: LocalNode, row: DistrictAnswer, *, sent_at: datetime | None, problem: str) -> None:
    async with node.database.writing() as session:
        kept = await session.get(DistrictAnswer, row.id, with_for_update=True)
        if kept is not None and (kept.answer, kept.note) == (row.answer, row.note):
            kept.sent_at, kept.problem = sent_at, problem
