import pytest

from federation.errors import Unreachable, Untrusted
from federation.tlog.merkle import compute_root, hash_leaf, hash_range
from federation.tlog.tiles import (
    Tile,
    TileHashes,
    decode_entries,
    decode_tile,
    encode_entries,
    parse_index_path,
    tile_levels,
    tile_of,
    tiles_at,
    tiles_wanted,
)
from schemas.problem import Code

PATHS = [
    (Tile(0, 0), "tile/0/000"),
    (Tile(0, 5), "tile/0/005"),
    (Tile(1, 999), "tile/1/999"),
    (Tile(0, 1000), "tile/0/x001/000"),
    (Tile(0, 1234067), "tile/0/x001/x234/067"),
    (Tile(2, 0, 1), "tile/2/000.p/1"),
    (Tile(0, 1234067, 255), "tile/0/x001/x234/067.p/255"),
]


@pytest.mark.parametrize(("tile", "path"), PATHS)
def test_paths_are_those_of_the_specification(tile, path):
    assert tile.path == path
    assert parse_index_path(path.split("/", 2)[2]) == (tile.index, tile.width)


def test_bundles_and_blobs_stand_beside_level_0():
    assert Tile(0, 1234067, 8).bundle_path == "tile/entries/x001/x234/067.p/8"
    assert Tile(0, 3).blobs_path == "blobs/003"


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "00", "0000", "x000/000", "001/x000", "x001/x000", "-01", "000.p/0", "000.p/256", "000.p/01",
        "000.p/", "000.p/-1", "000.p/1/2", "../000", "x001//000", "000/", "٠٠٠", "000.p/²", "x999/" * 30 + "000",
    ],
)  # fmt: skip
def test_other_spellings_are_no_paths(text):
    with pytest.raises(ValueError, match="path"):
        parse_index_path(text)


def test_the_tiles_of_a_tree_of_70_000():
    leaves = list(tiles_at(0, 70_000))
    assert (len(leaves), leaves[0], leaves[-1]) == (274, Tile(0, 0), Tile(0, 273, 112))
    assert list(tiles_at(0, 70_000, first=272)) == leaves[272:]
    assert list(tiles_at(0, 70_000, first=274)) == []
    assert list(tiles_at(1, 70_000)) == [Tile(1, 0), Tile(1, 1, 17)]
    assert list(tiles_at(2, 70_000)) == [Tile(2, 0, 1)]
    assert list(tiles_at(3, 70_000)) == []
    assert tile_levels(70_000) == 3


@pytest.mark.parametrize(("size", "levels"), [(0, 0), (1, 1), (255, 1), (256, 2), (65_535, 2), (65_536, 3)])
def test_levels_of_tiles(size, levels):
    assert tile_levels(size) == levels


def test_a_subtree_is_found_in_the_tile_that_yields_it():
    assert tile_of(0, 255, 256) == Tile(0, 0)
    assert tile_of(7, 1, 256) == Tile(0, 0)
    assert tile_of(8, 0, 256) == Tile(1, 0, 1)
    assert tile_of(0, 256, 300) == Tile(0, 1, 44)
    with pytest.raises(ValueError, match="no complete subtree"):
        tile_of(8, 1, 300)


def test_proofs_over_tiles_need_few_of_them():
    assert tiles_wanted([(0, 256), (256, 300)], 300) == [Tile(0, 1, 44), Tile(1, 0, 1)]


def leaf_tiles(count):
    hashes = [hash_leaf(b"%d" % n) for n in range(count)]
    return hashes, {Tile(0, 0, count).path: b"".join(hashes)}


def test_hashes_within_a_tile_are_computed_from_it():
    hashes, files = leaf_tiles(200)
    store = TileHashes(files, 200)
    assert store.hash_at(0, 199) == hashes[199]
    assert store.hash_at(3, 2) == compute_root(hashes[16:24])
    assert hash_range(0, 200, store.hash_at) == compute_root(hashes)


def test_a_full_tile_serves_for_a_partial_one_that_was_dropped():
    hashes = [hash_leaf(b"%d" % n) for n in range(256)]
    store = TileHashes({"tile/0/000": b"".join(hashes)}, 40)
    assert hash_range(0, 40, store.hash_at) == compute_root(hashes[:40])


def test_an_absent_tile_is_no_verdict_and_a_short_one_is():
    with pytest.raises(Unreachable) as absent:
        TileHashes({}, 40).hash_at(0, 3)
    assert absent.value.code is Code.LOG_INCOMPLETE
    with pytest.raises(Untrusted) as short:
        TileHashes({"tile/0/000.p/40": b"x" * 39}, 40).hash_at(0, 3)
    assert short.value.code is Code.TILE_MALFORMED
    with pytest.raises(Untrusted):
        decode_tile(b"x" * 33, 1)


def test_entries_carry_their_length_as_big_endian_uint16():
    assert encode_entries([b"", b"ab", b"c" * 258]) == b"\0\0" + b"\0\x02ab" + b"\x01\x02" + b"c" * 258


def test_bundles_read_back():
    entries = [b"", b"a", b"b" * 4096, b"c" * 65_535]
    assert decode_entries(encode_entries(entries), 4) == entries
    assert decode_entries(b"", 0) == []


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"\0\x05abc", encode_entries([b"a"]), encode_entries([b"a"] * 3), encode_entries([b"a"] * 2) + b"\0"],
)
def test_a_bundle_of_another_number_of_entries_is_refused(data):
    with pytest.raises(Untrusted) as refusal:
        decode_entries(data, 2)
    assert refusal.value.code is Code.BUNDLE_MALFORMED


def test_an_entry_too_long_for_its_length_is_our_own_mistake():
    with pytest.raises(ValueError, match="65,535"):
        encode_entries([b"c" * 65_536])
