"""Where the files of a log lie, and how far they say that it was signed."""

import hashlib
from pathlib import Path

from federation.errors import Untrusted
from federation.tlog.checkpoint import Checkpoint, verify_checkpoint
from federation.tlog.merkle import EMPTY_ROOT
from federation.tlog.note import parse_vkey
from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.errors import NicError
from nic_node.logstore.store import LogStore, LogStoreDamaged
from nic_node.membership.local import LocalNode
from nic_node.network.log.tables import Log


def store_of(node: LocalNode, log: Log) -> LogStore:
    """The folder of a log's files; any web server may serve it."""
    return store_in(node.config.data, log.origin)


def store_in(data: Path, origin: str) -> LogStore:
    """The same, of a node's data folder."""
    return LogStore(data / "log" / hashlib.sha256(origin.encode()).hexdigest())


class LogBehind(NicError):
    """What was signed is more than, or other than, what the database knows: nothing is signed until a person looks."""


def signed_checkpoint(store: LogStore, log: Log) -> Checkpoint:
    """How far the log was signed, as the folder remembers it, in a form that only the log's key can have made.

    Raises:
        LogStoreDamaged: the file holds another log's checkpoint, or was altered.
    """
    note = store.read(CHECKPOINT_PATH)
    if note is None:
        return Checkpoint(log.origin, 0, EMPTY_ROOT)
    try:
        return verify_checkpoint(note, parse_vkey(log.log_key)).checkpoint
    except Untrusted as error:
        raise LogStoreDamaged(
            f"{store.root / CHECKPOINT_PATH} is not this log's signed checkpoint any more, so nothing is signed. Put "
            "the newest one there: a backup has it, and so does each member's node, which serves it with its copy of "
            "the log."
        ) from error
