"""Whatever bytes a peer sends, a parser answers or refuses; it never fails otherwise, and reads one spelling only."""

from base64 import b64encode

from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import Untrusted
from federation.tlog.checkpoint import parse_checkpoint
from federation.tlog.edge import TreeEdge
from federation.tlog.note import format_note, parse_note, parse_vkey
from federation.tlog.tiles import decode_entries, encode_entries, index_path, is_tile_path, parse_index_path

lines = st.one_of(
    st.text(max_size=40),
    st.integers(-1, 2**70).map(str),
    st.binary(max_size=40).map(lambda data: b64encode(data).decode()),
    st.binary(min_size=5, max_size=80).map(lambda data: f"\u2014 name {b64encode(data).decode()}"),
)
texts = st.lists(lines, max_size=8).map(lambda parts: "".join(f"{part}\n" for part in parts))


@given(
    st.one_of(
        st.binary(max_size=200), st.tuples(texts, texts).map(lambda pair: "\n".join(pair).encode(errors="ignore"))
    )
)
@settings(max_examples=200)
def test_notes(data):
    try:
        note = parse_note(data)
    except Untrusted:
        return
    assert format_note(note) == data


@given(texts)
@settings(max_examples=200)
def test_checkpoints(text):
    try:
        checkpoint = parse_checkpoint(text)
    except Untrusted:
        return
    assert checkpoint.body() == text


@given(st.lists(lines, min_size=1, max_size=4).map("+".join))
@settings(max_examples=200)
def test_vkeys(text):
    try:
        key = parse_vkey(text)
    except Untrusted:
        return
    assert key.text == text


@given(st.binary(max_size=200), st.integers(0, 5))
@settings(max_examples=200)
def test_bundles(data, width):
    try:
        entries = decode_entries(data, width)
    except Untrusted:
        return
    assert encode_entries(entries) == data


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_read_back(entries):
    assert decode_entries(encode_entries(entries), len(entries)) == entries


@given(st.binary(max_size=300))
def test_edges(data):
    try:
        edge = TreeEdge.from_bytes(data)
    except Untrusted:
        return
    assert edge.to_bytes() == data


@given(st.text(alphabet="x0123456789./p\u0661", max_size=16))
@settings(max_examples=200)
def test_paths(text):
    try:
        index, width = parse_index_path(text)
    except ValueError:
        assert not is_tile_path(f"tile/0/{text}")
        return
    assert index_path(index, width) == text
    assert is_tile_path(f"tile/entries/{text}")


@given(st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_every_tile_has_a_path_that_reads_back(index, width):
    assert parse_index_path(index_path(index, width)) == (index, width)
