import pytest

from federation.errors import Unreachable, Untrusted
from federation.judge import Pins
from federation.tlog.tiles import CHECKPOINT_PATH
from federation.verify_log import Report, verify_log
from nic_node.logstore.folder import FolderReader
from nic_node.logstore.store import LogStore
from schemas.problem import Code
from tests.fakes.network_log import open_log


@pytest.fixture
def folder(tmp_path):
    log = open_log()
    log.publish("ada")
    store = LogStore(tmp_path)
    store.write_all({path: data for path, data in log.files.items() if path != CHECKPOINT_PATH})
    store.write_checkpoint(log.files[CHECKPOINT_PATH])
    return tmp_path


async def test_a_log_in_a_folder_verifies_whole(folder):
    items = [item async for item in verify_log(FolderReader(folder), Pins())]
    assert isinstance(items[-1], Report)
    assert (items[-1].ok, items[-1].size, items[-1].records) == (True, 13, 1)


async def test_what_is_not_there_is_incomplete(folder):
    with pytest.raises(Unreachable) as absent:
        await FolderReader(folder).read("tile/0/001", max_bytes=10)
    assert absent.value.code is Code.LOG_INCOMPLETE


async def test_more_than_was_asked_for_is_refused(folder):
    with pytest.raises(Untrusted) as refusal:
        await FolderReader(folder).read(CHECKPOINT_PATH, max_bytes=10)
    assert refusal.value.code is Code.PEER_TOO_LARGE


async def test_nothing_beside_the_log_is_read(folder):
    (folder / "secret").write_bytes(b"x")
    for path in ("secret", "../secret", str(folder / "secret")):
        with pytest.raises(Unreachable):
            await FolderReader(folder).read(path, max_bytes=10)
