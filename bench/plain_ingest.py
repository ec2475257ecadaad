"""The reference of `bench/ingest.py`: one process, one loop, the quickest libraries for what no mirror can leave out.

Of each bundle: entries and blobs over HTTP; every leaf's hash, up to the signed root; every Ed25519 signature; every
blob's hash and canonical form; the form of leaves and blobs by types; then all of it into SQLite with a contentless
FTS5 index, one transaction a bundle. It knows the pseudonyms' keys, stops at the first thing that is wrong, judges by
no policy and keeps no properties to filter by.
"""

import gzip
import hashlib
import sqlite3
from base64 import urlsafe_b64decode
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.generated_log import GeneratedLog
from bench.plain_types import Blob, Header, RecordLeaf
from federation.keys import load_public
from federation.leaves import read_leaf
from federation.tlog.checkpoint import verify_checkpoint
from federation.tlog.edge import TreeEdge, extend_edge
from federation.tlog.merkle import hash_leaf
from federation.tlog.tiles import CHECKPOINT_PATH, TILE_WIDTH, Tile, decode_entries, encode_entries

SETTINGS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA secure_delete=ON")
TABLES = (
    "CREATE TABLE bundles (number INTEGER PRIMARY KEY, content BLOB)",
    "CREATE TABLE records (id INTEGER PRIMARY KEY, kind TEXT, jkt TEXT, epoch INTEGER, sha256 TEXT, content BLOB)",
    "CREATE VIRTUAL TABLE search USING fts5(title, rest, content='', detail='column', tokenize='porter unicode61')",
)


class PlainLoop:
    """Takes in the records of a log whose setup it has read, into a database of its own."""

    def __init__(self, log: GeneratedLog, url: str) -> None:
        self._log = log
        self._path = urlsplit(url).path
        self._http = HTTPConnection(urlsplit(url).netloc)
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._edge = TreeEdge()
        for position in range(log.first_record // TILE_WIDTH):
            entries = decode_entries(self._get(Tile(0, position).bundle_path), TILE_WIDTH)
            self._edge, _ = extend_edge(self._edge, [hash_leaf(entry) for entry in entries])
            for leaf in map(read_leaf, entries):
                if leaf.t == "pseudonym":
                    handle = load_public(leaf.payload["jwk"]).handle
                    assert isinstance(handle, Ed25519PublicKey)
                    self._keys[leaf.kid] = handle

    def take_in(self, folder: Path) -> None:
        checkpoint = verify_checkpoint(self._get(CHECKPOINT_PATH), self._log.log_key).checkpoint
        connection = sqlite3.connect(folder / "plain.sqlite3", isolation_level=None)
        for statement in (*SETTINGS, *TABLES):
            connection.execute(statement)
        edge = self._edge
        while edge.size < checkpoint.size:
            edge = self._take_in_bundle(connection, edge, checkpoint.size)
        assert edge.root() == checkpoint.root
        connection.close()

    def _take_in_bundle(self, connection: sqlite3.Connection, edge: TreeEdge, size: int) -> TreeEdge:
        position = edge.size // TILE_WIDTH
        tile = Tile(0, position, min(TILE_WIDTH, size - position * TILE_WIDTH))
        entries = decode_entries(self._get(tile.bundle_path), tile.width)
        blobs = self._get(tile.blobs_path).splitlines()
        longer, _ = extend_edge(edge, [hash_leaf(entry) for entry in entries])
        records, texts = [], []
        for index, (entry, blob) in enumerate(zip(entries, blobs, strict=True), start=edge.size):
            kid, leaf = self._verified(entry)
            content = _checked(blob, kid, leaf)
            records.append((index, leaf.kind, kid, leaf.epoch, leaf.blob_sha256, blob))
            texts.append((index, content.payload.title, " ".join(content.payload.texts())))
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bundles VALUES (?, ?)", (position, encode_entries(entries)))
        connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", records)
        connection.executemany("INSERT INTO search (rowid, title, rest) VALUES (?, ?, ?)", texts)
        connection.execute("COMMIT")
        return longer

    def _verified(self, entry: bytes) -> tuple[str, RecordLeaf]:
        signed, _, signature = entry.rpartition(b".")
        header, _, payload = signed.partition(b".")
        kid = msgspec.convert(orjson.loads(_decoded(header)), Header).kid
        self._keys[kid].verify(_decoded(signature), signed)
        return kid, msgspec.convert(orjson.loads(_decoded(payload)), RecordLeaf)

    def _get(self, path: str) -> bytes:
        self._http.request("GET", f"{self._path}/{path}")
        response = self._http.getresponse()
        body = response.read()
        assert response.status == 200, path
        return gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body


def _checked(blob: bytes, kid: str, leaf: RecordLeaf) -> Blob:
    assert hashlib.sha256(blob).hexdigest() == leaf.blob_sha256
    document = orjson.loads(blob)
    assert orjson.dumps(document, option=orjson.OPT_SORT_KEYS) == blob
    content = msgspec.convert(document, Blob)
    assert (content.jkt, content.kind, content.epoch, content.network) == (kid, leaf.kind, leaf.epoch, leaf.network)
    return content


def _decoded(segment: bytes) -> bytes:
    return urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
