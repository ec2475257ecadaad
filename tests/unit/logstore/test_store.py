import os

import pytest

from federation.tlog.checkpoint import Checkpoint, sign_checkpoint
from federation.tlog.edge import EMPTY_EDGE, append_entries
from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.logstore.store import LogStore, LogStoreConflict, LogStoreDamaged
from tests.fakes.network_log import shared_key

ORIGIN = "net.example/net/north/log/1"
LOG_KEY = shared_key("Ed25519", "log")


def entries(start, end):
    return [b"entry %d" % n for n in range(start, end)]


def append(store, edge, count):
    """As a sequencer does: write, read back; answers the longer edge."""
    appended = append_entries(edge, store.load_partial_bundle(edge.size), entries(edge.size, edge.size + count))
    store.write_all(appended.files)
    store.read_back(edge.size, appended.edge.size, appended.root)
    return appended.edge


def note(edge, origin=ORIGIN):
    return sign_checkpoint(Checkpoint(origin, edge.size, edge.root()), LOG_KEY)


@pytest.fixture
def store(tmp_path):
    return LogStore(tmp_path / "log")


@pytest.mark.parametrize("batches", [[1], [1, 1], [255, 1, 1], [256], [300, 300], [700], [1, 254, 1, 256, 512]])
def test_what_was_written_is_read_back_and_gone_on_with(store, batches):
    edge = EMPTY_EDGE
    for count in batches:
        edge = append(store, edge, count)
        assert store.load_edge(edge.size) == edge


def test_nothing_is_left_beside_the_files_and_all_may_read_them(store):
    edge = append(store, EMPTY_EDGE, 300)
    store.write_checkpoint(note(edge))
    files = [path for path in store.root.rglob("*") if path.is_file()]
    assert sorted(str(path.relative_to(store.root)) for path in files) == [
        "checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44",
    ]  # fmt: skip
    assert {path.stat().st_mode & 0o777 for path in files} == {0o644}


def test_equal_bytes_pass_and_others_never_overwrite(store):
    files = append_entries(EMPTY_EDGE, b"", entries(0, 3)).files
    store.write_all(files)
    store.write_all(files)
    with pytest.raises(LogStoreConflict, match="other bytes"):
        store.write_all({"tile/0/000.p/3": b"x" * 96})
    assert store.read("tile/0/000.p/3") == files["tile/0/000.p/3"]
    assert not [path for path in store.root.rglob(".*") if path.is_file()]


@pytest.mark.parametrize("killed_at", range(4))
def test_a_write_killed_anywhere_is_repeated(store, monkeypatch, killed_at):
    class Killed(BaseException):
        pass

    calls = iter(range(100))
    link = os.link

    def link_or_die(source, target):
        if next(calls) == killed_at:
            raise Killed
        link(source, target)

    appended = append_entries(EMPTY_EDGE, b"", entries(0, 300))
    monkeypatch.setattr(os, "link", link_or_die)
    with pytest.raises(Killed):
        store.write_all(appended.files)
    assert sum(path.is_file() for path in store.root.rglob("*")) == killed_at
    with pytest.raises(LogStoreDamaged):
        store.read_back(0, 300, appended.root)
    store.write_all(appended.files)
    store.read_back(0, 300, appended.root)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../up",
        "tile/0/../../../x",
        "tile/0/0",
        "tile/64/000",
        "blobs/000",
        "checkpoint/x",
        "",
        "tile/entries/x001",
    ],
)
def test_only_paths_of_a_log_are_read_or_written(store, path):
    store.root.mkdir()
    (store.root / "blobs").mkdir()
    (store.root / "blobs" / "000").write_bytes(b"secret")
    assert store.read(path) is None
    with pytest.raises(ValueError, match="not a path"):
        store.write_all({path: b"x"})


# Damage ---------------------------------------------------------------------------------------------------------------


def damaged(store, path, change):
    file = store.root / path
    file.chmod(0o644)
    data = change(file.read_bytes())
    file.unlink()
    if data is not None:
        file.write_bytes(data)


def flip(data):
    return bytes([data[0] ^ 1]) + data[1:]


def flip_last(data):
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.mark.parametrize(
    "change", [flip_last, flip, lambda data: data[:-1], lambda _: None], ids=["last", "first", "short", "gone"]
)
@pytest.mark.parametrize(
    "path", ["tile/entries/001.p/44", "tile/entries/000", "tile/0/001.p/44", "tile/0/000", "tile/1/000.p/1"]
)
def test_damage_is_found_before_anything_is_signed(store, path, change):
    edge = append(store, EMPTY_EDGE, 300)
    store.read_back(0, 300, edge.root())
    damaged(store, path, change)
    with pytest.raises(LogStoreDamaged):
        store.read_back(0, 300, edge.root())


def test_another_root_is_not_read_back(store):
    edge = append(store, EMPTY_EDGE, 300)
    with pytest.raises(LogStoreDamaged, match="root"):
        store.read_back(299, 300, b"\0" * 32)
    store.read_back(299, 300, edge.root())


def test_an_edge_that_is_not_there_is_said(store):
    append(store, EMPTY_EDGE, 5)
    with pytest.raises(LogStoreDamaged, match=r"tile/0/000\.p/7"):
        store.load_edge(7)
    with pytest.raises(LogStoreDamaged, match="missing"):
        store.load_partial_bundle(7)


# Checkpoints ----------------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_replaced_by_a_longer_one(store):
    assert store.read(CHECKPOINT_PATH) is None
    one = append(store, EMPTY_EDGE, 5)
    store.write_checkpoint(note(one))
    two = append(store, one, 5)
    store.write_checkpoint(note(two))
    store.write_checkpoint(note(two))
    assert store.read(CHECKPOINT_PATH) == note(two)


def test_a_restored_old_backup_cant_sign_back(store):
    one = append(store, EMPTY_EDGE, 5)
    two = append(store, one, 5)
    store.write_checkpoint(note(two))
    other = sign_checkpoint(Checkpoint(ORIGIN, 10, b"\1" * 32), LOG_KEY)
    elsewhere = note(two, origin="other.example/log")
    for refused, why in ((note(one), "go back to 5"), (other, "another content"), (elsewhere, "folder of its own")):
        with pytest.raises(LogStoreConflict, match=why):
            store.write_checkpoint(refused)
    assert store.read(CHECKPOINT_PATH) == note(two)


def test_what_a_killed_process_left_is_swept_away_once_it_is_old(store):
    append(store, EMPTY_EDGE, 3)
    folder = store.root / "tile" / "0" / "000.p"
    for name, age in ((".old.part", 90_000), (".new.part", 10)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (1_800_000_000 - age,) * 2)
    assert store.drop_drafts(1_800_000_000 - 3_600) == 1
    assert sorted(file.name for file in folder.iterdir()) == [".new.part", "3"]


def test_what_finds_no_room_leaves_no_draft(store, monkeypatch):
    """Each try of a log on a full disk would leave one more file there, and take the room that somebody makes."""
    edge = append(store, EMPTY_EDGE, 5)
    store.write_checkpoint(note(edge))
    before = sorted(store.root.rglob("*"))

    def full(descriptor):
        raise OSError(28, "No space left on device")

    longer = append_entries(edge, store.load_partial_bundle(5), entries(5, 9))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        for write in (
            lambda: store.write_all(longer.files),
            lambda: store.write_checkpoint(note(longer.edge)),
            lambda: store.write_acks(b"{}"),
        ):
            with pytest.raises(OSError, match="No space"):
                write()
    assert sorted(store.root.rglob("*")) == before


# Keeping house --------------------------------------------------------------------------------------------------------


def test_partial_files_go_once_the_full_ones_are_there(store):
    edge = EMPTY_EDGE
    for count in (10, 100, 146, 5):
        edge = append(store, edge, count)
    # Sizes 10 and 110 left a tile and a bundle each; those of the right edge stay.
    assert store.drop_partials(edge.size) == 4
    assert store.drop_partials(edge.size) == 0
    partials = {str(path.relative_to(store.root)) for path in store.root.rglob("*.p/*")}
    assert partials == {"tile/0/001.p/5", "tile/entries/001.p/5", "tile/1/000.p/1"}
    assert store.load_edge(edge.size) == edge
    append(store, edge, 300)
