"""A network's first term: founded, announced, issued, registered, opened, published into, closed."""

from federation.judge import LogState, judge_leaf
from federation.tlog.tiles import decode_entries
from nic_node.network.log.files import store_of
from tests.unit.network.log.stage import SCHOOLS, SLOT, Stage


async def entries_of(stage: Stage) -> list[bytes]:
    """All leaves, as the published files tell."""
    size = (await stage.checkpoint()).size
    data = store_of(stage.node, await stage.log()).read(f"tile/entries/000.p/{size}")
    assert data is not None
    return decode_entries(data, size)


async def types_of(stage: Stage) -> list[str]:
    state, found = LogState(), []
    for index, entry in enumerate(await entries_of(stage)):
        verdict = judge_leaf(state, index, entry)
        assert verdict.code is None, verdict
        state.apply(verdict)
        found.append(verdict.leaf.t)
    return found


async def test_founding_publishes_entry_0(stage: Stage) -> None:
    assert await types_of(stage) == ["genesis"]
    assert (await stage.log()).signed_size == 1


async def test_a_term_from_founding_to_the_first_record(stage: Stage) -> None:
    await stage.open_epoch()
    index = await stage.publish("ada")

    types = await types_of(stage)
    assert types[:5] == ["genesis", "member", "member", "member", "epoch"]
    assert types[5:8] == ["issued"] * 3
    assert types[8:] == ["pseudonym"] * 3 + ["open", "record"]
    assert index == 12
    assert await stage.refusals() == []
    epoch = await stage.epoch()
    assert (epoch.status, epoch.issued, epoch.registered) == ("open", 3, 3)


async def test_an_epoch_without_enough_members_is_void_and_announced_again(stage: Stage) -> None:
    await stage.admit(*SCHOOLS)
    await stage.announce()
    await stage.issue("ada")
    stage.clock.now = (await stage.windows()).issue_to
    await stage.advance()
    stage.clock.now = (await stage.windows()).active_from
    await stage.advance()
    await stage.sequence()

    assert (await stage.epoch(1)).status == "void"
    assert (await types_of(stage))[-2:] == ["void", "epoch"]
    assert (await stage.epoch(2)).status == "announced"


async def test_the_next_epoch_opens_as_this_one_ends(stage: Stage) -> None:
    await stage.open_epoch()
    windows = await stage.windows()
    stage.clock.now = windows.active_to
    stage.clock.forward(seconds=-(600 + 7 * SLOT))
    await stage.advance()
    await stage.sequence()

    following = await stage.windows(2)
    assert abs((following.active_from - windows.active_to).total_seconds()) <= SLOT
    assert following.issue_to < windows.active_to
