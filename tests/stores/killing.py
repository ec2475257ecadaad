"""The process dies at a point of the code: nothing that stands behind it is done."""

from collections.abc import Awaitable

import pytest

from nic_node.publishing.slots import send_in_slot
from tests.stores.publishing_stage import World


class Killed(BaseException):
    """The process ends here."""


def killing(*_: object, **__: object) -> None:
    raise Killed


async def dies(work: Awaitable[object], monkeypatch: pytest.MonkeyPatch, target: object, name: str) -> None:
    """Work in which the process dies as it comes to this function."""
    with monkeypatch.context() as patch:
        patch.setattr(target, name, killing)
        with pytest.raises(Killed):
            await work


async def killed_in_slot(world: World, monkeypatch: pytest.MonkeyPatch, target: object, name: str) -> None:
    """One slot in which the process dies as it comes to this function."""
    world.clock.forward(seconds=61)
    await dies(send_in_slot(world.node, world.name), monkeypatch, target, name)
