"""What tests of the sequencer share: leaves that wait, the one tree that there has to be, and dying."""

from sqlalchemy import select

from federation.tlog.merkle import compute_root, hash_leaf
from nic_node.network.log.files import store_of
from nic_node.network.log.tables import LogEntry
from tests.unit.network.log.stage import Stage


class Killed(BaseException):
    """As SIGKILL: nothing that follows runs, no handler catches it."""


async def queue_members(stage: Stage, *names: str) -> None:
    """Leaves that wait."""
    for name in names:
        await stage.add_member(name)
        await stage.move(name, "applied", "approved")


async def assert_one_tree(stage: Stage, size: int) -> None:
    """The checkpoint is over exactly the entries of the database, and the files give its root."""
    async with stage.node.database.reading() as session:
        leaves = list(await session.scalars(select(LogEntry.leaf).order_by(LogEntry.index)))
    signed, log = await stage.checkpoint(), await stage.log()
    assert len(leaves) == size == signed.size == log.size == log.signed_size
    assert signed.root == log.root == compute_root([hash_leaf(leaf) for leaf in leaves])
    store_of(stage.node, log).read_back(0, size, signed.root)
