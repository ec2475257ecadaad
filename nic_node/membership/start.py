"""What a node makes sure of at each start."""

from nic_node.membership.keys import make_missing_keys
from nic_node.membership.local import LocalNode


async def prepare_membership(node: LocalNode) -> None:
    """The node has its keys, so that it can say who it is."""
    await make_missing_keys(node)
