"""Where the files of a log lie."""

import hashlib
from pathlib import Path

from nic_node.logstore.store import LogStore
from nic_node.membership.local import LocalNode
from nic_node.network.log.tables import Log


def store_of(node: LocalNode, log: Log) -> LogStore:
    """The folder of a log's files; any web server may serve it."""
    return store_in(node.config.data, log.origin)


def store_in(data: Path, origin: str) -> LogStore:
    """The same, of a node's data folder."""
    return LogStore(data / "log" / hashlib.sha256(origin.encode()).hexdigest())
