"""This node, as the rooms above need it: its settings, its database, its way to seal keys and to call its peers."""

from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from nic_node.clock import Clock
from nic_node.config import Config
from nic_node.db.engine import Database
from nic_node.keyring.operator_key import OperatorKey
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.key_copies import KeyCopies
from nic_node.peerhttp.nonces import NonceStore
from nic_node.peerhttp.throttle import Throttle


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalNode:
    """Made once by `app`; several may live in one process.

    Attributes:
        random_bytes: `secrets.token_bytes`, or a test's.
        wake: tells this process's worker that a job was enqueued.
        keys: copies of other parties' keys, this process's own.
    """

    config: Config
    database: Database
    operator_key: OperatorKey
    client: PeerClient
    nonces: NonceStore
    clock: Clock
    random_bytes: Callable[[int], bytes]
    wake: Callable[[], None]
    throttle: Throttle = field(default_factory=Throttle)
    keys: KeyCopies = field(default_factory=KeyCopies, repr=False)

    @property
    def entity_id(self) -> str:
        return self.config.entity_id


LOCAL_NODE = web.AppKey("local_node", LocalNode)


def local_node(request: web.Request) -> LocalNode:
    return request.config_dict[LOCAL_NODE]
