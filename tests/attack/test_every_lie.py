"""One table of lies: who tells it, what is altered, and the code or state that a node finds. Nothing of it stays.

Each row is a case in a copy of one world that was made once. Some are told again to a node that lacks the guard against
them: then the row has to fail, or it shows nothing.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.attack.lies_of_bytes import LIES as OF_BYTES
from tests.attack.lies_of_bytes import Lie
from tests.attack.lies_of_contents import LIES as OF_CONTENTS
from tests.attack.reader import FRESH, READ, Stands, standing

TABLE = (*OF_BYTES, *OF_CONTENTS)


@pytest.fixture(scope="module")
async def stands(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stands]:
    async with standing(tmp_path_factory.mktemp("stands")) as made:
        yield made


@pytest.mark.parametrize("lie", TABLE, ids=lambda lie: f"{lie.liar}: {lie.name}")
async def test_a_lie_is_found_out_and_harms_nothing(stands: Stands, tmp_path: Path, lie: Lie) -> None:
    async with stands.copied(lie.stands, tmp_path) as reader:
        if lie.stands != FRESH:
            reader.publish("Third", "cem")
        lie.tell(reader)
        assert await reader.found() == lie.found
        if lie.stands == READ:
            assert {"First", "Second"} - lie.gone <= await reader.titles()
        assert reader.peers.visited == []
        reader.peers.be_honest()
        reader.clock.forward(minutes=3)
        again = await reader.found()
        titles = await reader.titles()
    assert (again, "Third" in titles) == (("taken", not lie.is_shut) if lie.ends else ("frozen", False))
