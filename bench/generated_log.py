"""A log of many records on disk, as any web server could serve it: real keys, credentials, signatures, blobs.

It is made once a size and kept in the machine's folder for temporary files, since making it takes longer than reading.
"""

import gzip
import json
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from secrets import token_bytes
from typing import Any

from federation.epochs import message_to_blind
from federation.keys import thumbprint
from federation.leaves import build_pseudonym, sign_leaf
from federation.records import seal_record
from federation.tlog.checkpoint import Checkpoint, sign_checkpoint
from federation.tlog.edge import EMPTY_EDGE, append_entries
from federation.tlog.note import VerifierKey, parse_vkey
from federation.tlog.tiles import CHECKPOINT_PATH, TILE_WIDTH, Tile
from schemas.canonical import canonical_bytes, sha256_hex
from tests.fakes.network_log import NetworkLog, issue_credential, pseudonym_key

PSEUDONYMS = 2_000
VERSION = 1
"""Counts up with every change of what is written here: the log is kept under it."""
SETUP_CHECKPOINT = "checkpoint-before-records"
PLACE = Path(tempfile.gettempdir())
WORDS = Path(__file__).parents[1] / "nic_node/disclosure/text/words/english.txt"
TEXTS = {
    ("problem", "statement"): 260,
    ("idea", "summary"): 260,
    ("lessons", "worked"): 300,
    ("lessons", "would_change"): 220,
    ("lessons", "watch_out"): 200,
}
"""Part of a practice -> about so many characters."""


@dataclass(frozen=True)
class GeneratedLog:
    """`folder` holds the files of `{log}`, blobs in gzip.

    Entries before `first_record`, which begins a bundle, are the network's and the registering of pseudonyms; the
    checkpoint over them is the file SETUP_CHECKPOINT.
    """

    folder: Path
    size: int
    first_record: int
    origin: str
    network: str
    log_key: VerifierKey
    leaf_jwk: dict[str, str]
    documents: dict[str, Any]

    @property
    def records(self) -> int:
        return self.size - self.first_record


def generated_log(records: int) -> GeneratedLog:
    """A log of so many practices of about 3 KiB by 2,000 pseudonyms of one epoch."""
    folder = PLACE / f"nic-bench-log-{VERSION}-{records}"
    about = folder / "about.json"
    if not about.exists():
        folder.mkdir(exist_ok=True)
        about.write_text(json.dumps(_write(folder, records)))
    known = json.loads(about.read_text())
    return GeneratedLog(folder=folder, **known | {"log_key": parse_vkey(known["log_key"])})


def _write(folder: Path, records: int) -> dict[str, Any]:
    log = NetworkLog()
    names = [f"school-{number}" for number in range(PSEUDONYMS)]
    setup = list(_setup(log, names))
    setup += [log.member(f"reader-{number}") for number in range(-len(setup) % TILE_WIDTH)]
    lines: list[bytes] = []
    edge, partial = EMPTY_EDGE, b""
    everything = _entries(setup, log, names, records, lines)
    while entries := list(islice(everything, TILE_WIDTH)):
        appended = append_entries(edge, partial, entries)
        for path, content in appended.files.items():
            _write_file(folder / path, content)
        position = edge.size // TILE_WIDTH
        edge = appended.edge
        _write_file(folder / Tile(0, position, edge.size - position * TILE_WIDTH).blobs_path, _compressed(lines))
        lines.clear()
        name = SETUP_CHECKPOINT if edge.size == len(setup) else CHECKPOINT_PATH
        checkpoint = Checkpoint(log.origin, edge.size, edge.root())
        _write_file(folder / name, sign_checkpoint(checkpoint, log.log_private))
    return {
        "size": edge.size,
        "first_record": len(setup),
        "origin": log.origin,
        "network": log.network,
        "log_key": log.log_key.text,
        "leaf_jwk": {name: log.leaf_private[name] for name in ("kty", "crv", "x")},
        "documents": log.documents,
    }


def _setup(log: NetworkLog, names: list[str]) -> Iterator[bytes]:
    yield log.genesis()
    yield from (log.member(name) for name in names)
    yield log.epoch()
    yield from (log.issued(name) for name in names)
    yield from (_pseudonym(log, name) for name in names)
    yield log.open(issued=len(names), registered=len(names))


def _pseudonym(log: NetworkLog, name: str) -> bytes:
    private = pseudonym_key(name)
    prepared, signature = issue_credential(1, message_to_blind(log.network, 1, thumbprint(private)))
    payload = build_pseudonym(log.network, epoch=1, jwk=private, prepared_message=prepared, signature=signature)
    return sign_leaf(payload, private)


def _entries(
    setup: list[bytes], log: NetworkLog, names: list[str], records: int, lines: list[bytes]
) -> Iterator[bytes]:
    """The leaves in order; the blobs of those that were taken stand in `lines`."""
    yield from setup
    drawn = random.Random(1)
    words = _words()
    for _ in range(records):
        key = pseudonym_key(drawn.choice(names))
        payload = build_practice(drawn, words, sha256_hex(canonical_bytes(log.lattice)))
        sealed = seal_record("practice", payload, key, network=log.network, epoch=1, salt=token_bytes(32))
        lines.append(sealed.blob)
        yield sealed.leaf


def build_practice(drawn: random.Random, words: list[str], lattice_sha256: str) -> dict[str, Any]:
    """A practice with all that a careful school fills in."""
    low = drawn.randrange(0, 45, 5)
    points = [{"at": at, "n": 60, "band": [edge, edge + 5]} for at, edge in (("baseline", low + 15), ("end", low))]
    practice: dict[str, Any] = {
        "title": _text(drawn, words, 60),
        "problem": {"category": "chronic-absence", "grade_bands": ["9-12"], "subject": "none"},
        "aim": {"measure": "absent-10pct-window", "better": "down", "by_days": 45},
        "idea": {"category": "attendance-outreach"},
        "steps": [_step(drawn, words) for _ in range(3)],
        "core": [1],
        "adaptable": [{"what": _text(drawn, words, 60)}],
        "dose": {"weeks": 9, "sessions_a_week": 5, "minutes": 25},
        "cost": {"cost_band": "none", "staff_time_band": "3-8h"},
        "supports": ["plc", "material"],
        "conditions": _text(drawn, words, 100),
        "context": {"lattice_sha256": lattice_sha256, "class": "c1"},
        "measures": [
            {
                "measure": "absent-10pct-window",
                "definition_version": 1,
                "kind": "outcome",
                "unit": "proportion",
                "window": "20-school-days",
                "design": "pre-post",
                "season": "ruled-out",
                "points": points,
            }
        ],
        "rung": "measured",
        "direction": "better",
        "aim_result": "partly",
        "decision": drawn.choice(["adopt", "adapt"]),
    }
    for (part, name), length in TEXTS.items():
        practice.setdefault(part, {})[name] = _text(drawn, words, length)
    return practice


def _step(drawn: random.Random, words: list[str]) -> dict[str, Any]:
    return {"who": "teacher", "does": _text(drawn, words, 110), "how_often": "every school day", "minutes": 15}


def _text(drawn: random.Random, words: list[str], length: int) -> str:
    """Words as often as in texts: the first twice as often as the second (Zipf)."""
    text = " ".join(words[int(len(words) ** drawn.random()) - 1] for _ in range(length // 6))
    return f"{text[:length].strip().capitalize()}."


def _words() -> list[str]:
    lines = WORDS.read_text().splitlines()
    words = " ".join(line for line in lines if not line.startswith("#")).split()
    random.Random(2).shuffle(words)
    return words


def _compressed(lines: list[bytes]) -> bytes:
    return gzip.compress(b"".join(line + b"\n" for line in lines), 6, mtime=0)


def _write_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
