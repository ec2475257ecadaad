import pytest

from federation.errors import Untrusted
from federation.tlog.edge import EMPTY_EDGE, TreeEdge, append_entries, edge_from_files, edge_tiles, extend_edge
from federation.tlog.merkle import EMPTY_ROOT, compute_root, hash_leaf
from federation.tlog.tiles import Tile, decode_entries, tile_levels, tiles_at
from schemas.problem import Code

SIZES = [0, 1, 2, 255, 256, 257, 70_000]
HASHES = [hash_leaf(b"%d" % n) for n in range(max(SIZES))]


def tree_files(size):
    edge, tiles = extend_edge(EMPTY_EDGE, HASHES[:size])
    return edge, {tile.path: data for tile, data in tiles.items()}


@pytest.mark.parametrize("size", SIZES)
def test_roots_and_tiles_of_a_whole_tree(size):
    edge, files = tree_files(size)
    assert edge.root() == compute_root(HASHES[:size])
    assert set(files) == {tile.path for level in range(tile_levels(size)) for tile in tiles_at(level, size)}


@pytest.mark.parametrize("size", SIZES)
def test_an_edge_comes_back_from_bytes_and_from_tiles(size):
    edge, files = tree_files(size)
    assert TreeEdge.from_bytes(edge.to_bytes()) == edge
    wanted = {tile.path: files[tile.path] for tile in edge_tiles(size)}
    assert edge_from_files(size, wanted) == edge
    assert len(edge.to_bytes()) < 3 * 255 * 32 + 9


@pytest.mark.parametrize("data", [b"\0" * 7 + b"\x02" + b"x" * 32, b"\0" * 8 + b"x", b"\0" * 7 + b"\x01"])
def test_a_damaged_edge_is_refused(data):
    with pytest.raises(Untrusted) as refusal:
        TreeEdge.from_bytes(data)
    assert refusal.value.code is Code.TILE_MALFORMED


def test_an_append_writes_only_what_is_new():
    edge, _ = extend_edge(EMPTY_EDGE, HASHES[:300])
    longer, tiles = extend_edge(edge, HASHES[300:310])
    assert set(tiles) == {Tile(0, 1, 54)}
    assert tiles[Tile(0, 1, 54)] == b"".join(HASHES[256:310])
    assert longer.root() == compute_root(HASHES[:310])
    assert extend_edge(longer, []) == (longer, {})


def test_batches_across_tile_borders_make_the_same_tree():
    edge = EMPTY_EDGE
    for start, end in [(0, 1), (1, 255), (255, 257), (257, 1024), (1024, 1025), (1025, 1536)]:
        edge, _ = extend_edge(edge, HASHES[start:end])
    assert edge == tree_files(1536)[0]


def test_an_append_gives_bundles_beside_its_tiles():
    first = append_entries(EMPTY_EDGE, b"", [b"leaf %d" % n for n in range(250)])
    second = append_entries(
        first.edge, first.files["tile/entries/000.p/250"], [b"leaf %d" % n for n in range(250, 600)]
    )
    assert sorted(second.files) == [
        "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2",
        "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88",
    ]  # fmt: skip
    assert decode_entries(second.files["tile/entries/000"], 256) == [b"leaf %d" % n for n in range(256)]
    assert decode_entries(second.files["tile/entries/002.p/88"], 88) == [b"leaf %d" % n for n in range(512, 600)]
    assert second.root == compute_root([hash_leaf(b"leaf %d" % n) for n in range(600)])


def test_nothing_appended_is_nothing_written():
    appended = append_entries(EMPTY_EDGE, b"", [])
    assert (appended.root, appended.files) == (EMPTY_ROOT, {})


@pytest.mark.parametrize("bundle", [b"", b"\0\x01a"])
def test_the_bundle_must_be_that_of_the_edge(bundle):
    edge = append_entries(EMPTY_EDGE, b"", [b"a", b"b"]).edge
    with pytest.raises(Untrusted) as refusal:
        append_entries(edge, bundle, [b"c"])
    assert refusal.value.code is Code.BUNDLE_MALFORMED
