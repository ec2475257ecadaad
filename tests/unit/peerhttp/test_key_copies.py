"""Keys in memory are used for one version of their row, and for no other."""

from collections.abc import Collection, Mapping
from typing import Any

from nic_node.peerhttp.key_copies import KeyCopies

ADA, BEN = "https://ada.example", "https://ben.example"


class Rows:
    """In the place of the database; counts what it is asked for."""

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, Any]] = {ADA: {"k1": {"x": "1"}}, BEN: {"k2": {"x": "2"}}}
        self.asked: list[str] = []

    async def load(self, entities: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
        self.asked += sorted(entities)
        return {entity: self.keys[entity] for entity in entities if entity in self.keys}


async def test_what_is_held_at_this_version_is_not_read_again() -> None:
    rows, copies = Rows(), KeyCopies()
    for _ in range(2):
        find = await copies.find_key("net", {ADA: 1, BEN: 1}, rows.load)
        assert (find(f"{ADA}#k1"), find(f"{BEN}#k2"), find(f"{ADA}#k2")) == ({"x": "1"}, {"x": "2"}, None)
    assert rows.asked == [ADA, BEN]
    assert (await copies.find_key("net", {BEN: 1}, rows.load))(f"{ADA}#k1") is None, "who is not asked about is unknown"


async def test_another_version_is_read_anew_and_the_old_keys_are_gone() -> None:
    rows, copies = Rows(), KeyCopies()
    await copies.find_key("net", {ADA: 1}, rows.load)
    rows.keys[ADA] = {"k3": {"x": "3"}}
    find = await copies.find_key("net", {ADA: 2}, rows.load)
    assert (find(f"{ADA}#k1"), find(f"{ADA}#k3")) == (None, {"x": "3"})
    del rows.keys[ADA]
    assert (await copies.find_key("net", {ADA: 3}, rows.load))(f"{ADA}#k3") is None


async def test_lists_are_kept_apart_and_the_copy_does_not_grow_without_end() -> None:
    rows, copies = Rows(), KeyCopies(most=2)
    for scope in ("one", "two", "three", "one"):
        assert (await copies.find_key(scope, {ADA: 1}, rows.load))(f"{ADA}#k1") == {"x": "1"}
    assert rows.asked == [ADA] * 4
