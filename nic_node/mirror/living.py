"""Which records may be shown, as statements begin with it."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Select, select

from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorRecord

IDS_A_QUERY: Final = 500
"""SQLite takes so many values in one statement without complaint."""


def select_living(log_ids: Collection[int], kinds: Collection[str]) -> Select[int]:
    """The ids of what may be shown, the newest first."""
    return (
        select(MirrorRecord.id)
        .where(MirrorRecord.log_id.in_(log_ids), MirrorRecord.kind.in_(kinds))
        .where(MirrorRecord.state == RecordState.LIVING)
        .order_by(MirrorRecord.id.desc())
    )
