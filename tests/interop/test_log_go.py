"""Our logs read by golang.org/x/mod/sumdb, which shares no code with us: notes, tiles, entry bundles and proofs."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from federation.tlog.checkpoint import Checkpoint, sign_checkpoint
from federation.tlog.edge import EMPTY_EDGE, append_entries
from federation.tlog.note import build_vkey
from nic_node.logstore.store import LogStore
from nic_node.network.log.mend import ENTRIES_AT_ONCE
from tests.fakes.network_log import shared_key
from tests.unit.network.conftest import compiled_templates, coordinator  # noqa: F401
from tests.unit.network.log.conftest import served  # noqa: F401
from tests.unit.network.log.served import Served
from tests.unit.network.log.stage import SCHOOLS

JUDGE = Path(__file__).parents[2] / ".judges" / "go" / "judge"
SECONDS = 60
ORIGIN = "net.example/net/north/log/1"
KEY = shared_key("Ed25519", "log read by Go")
VKEY = build_vkey(ORIGIN, KEY).text
SIZES = (1, 255, 256, 257, 70_000)

pytestmark = pytest.mark.skipif(not JUDGE.exists(), reason="the judge is not there: make interop")


def judge(where: str | Path, vkey: str = VKEY) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(JUDGE), str(where), vkey], capture_output=True, text=True, timeout=SECONDS, check=False)


def written(root: Path, size: int) -> LogStore:
    """A log as the sequencer writes it: the same store, the same steps."""
    store, edge = LogStore(root), EMPTY_EDGE
    while edge.size < size:
        until = min(size, edge.size + ENTRIES_AT_ONCE)
        entries = [b"entry %d" % number for number in range(edge.size, until)]
        appended = append_entries(edge, store.load_partial_bundle(edge.size), entries)
        store.write_all(appended.files)
        edge = appended.edge
    store.read_back(0, size, edge.root())
    store.write_checkpoint(sign_checkpoint(Checkpoint(ORIGIN, size, edge.root()), KEY))
    return store


@pytest.mark.parametrize("size", SIZES)
def test_a_log_of_ours_holds_there(tmp_path: Path, size: int) -> None:
    store = written(tmp_path / "log", size)
    done = judge(store.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{size} {store.load_edge(size).root().hex()}\n"


def flip(file: Path, at: int) -> None:
    altered = bytearray(file.read_bytes())
    altered[at] ^= 1
    file.write_bytes(bytes(altered))


ALTERED = {  # what is altered -> (file, byte)
    "a hash at the edge": ("tile/0/001.p/44", 40),
    "a hash in a full tile": ("tile/0/000", 7_000),
    "a hash of the upper level": ("tile/1/000.p/1", 3),
    "an entry": ("tile/entries/000", 1_003),
    "a length": ("tile/entries/001.p/44", 1),
    "the size": ("checkpoint", len(ORIGIN) + 1),
    "the root": ("checkpoint", len(ORIGIN) + 8),
    "the signature": ("checkpoint", -20),
}


@pytest.mark.parametrize("what", ALTERED)
def test_it_catches_one_altered_byte(tmp_path: Path, what: str) -> None:
    store = written(tmp_path / "log", 300)
    assert judge(store.root).returncode == 0
    name, at = ALTERED[what]
    flip(store.root / name, at)
    assert judge(store.root).returncode == 1


def test_another_key_does_not_open_it(tmp_path: Path) -> None:
    store = written(tmp_path / "log", 1)
    assert judge(store.root, build_vkey(ORIGIN, shared_key("Ed25519", "another")).text).returncode == 1


async def test_a_networks_own_log_holds_there_over_http(served: Served) -> None:  # noqa: F811
    await served.stage.admit(*SCHOOLS)
    log = await served.stage.log()
    where = str(served.client.make_url("/net/north/log/1"))
    done = await asyncio.to_thread(judge, where, log.log_key)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{log.size} {log.root.hex()}\n"
    other = build_vkey(log.origin, KEY).text
    assert (await asyncio.to_thread(judge, where, other)).returncode == 1
