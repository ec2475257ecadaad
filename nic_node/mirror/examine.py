"""A bundle's blobs looked at without the log and without the database, so that another process may do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from federation.judge import Documents, EpochRules, ExaminedBlob, RecordRow, examine_blob
from nic_node.mirror.describe import NONE, Properties, build_properties
from nic_node.mirror.words import join_stems, written_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedBlobs:
    """Of one bundle: what is served for its records.

    network: its entity id. wanted: epoch -> hashes of its policy and its lattice, which `documents` holds.
    """

    network: str
    documents: Documents
    wanted: Mapping[int, tuple[str, str]]
    blobs: Sequence[tuple[RecordRow, bytes]]


RIGHT: Final = ExaminedBlob()
"""Of most blobs: one for all, which is written once where many are handed over."""


class DescribedBlob(NamedTuple):
    """An examined blob, its document left out; if nothing was wrong, also its properties and its text for the index."""

    examined: ExaminedBlob
    properties: Properties = NONE
    text: tuple[str, str] = ("", "")


def describe_blobs(served: ServedBlobs) -> list[DescribedBlob]:
    """In the order of `served.blobs`.

    Raises:
        Unreachable: NOT_FOUND, `documents` lacks one.
    """
    rules = EpochRules(served.documents)
    described = [_describe(served, rules, record, data) for record, data in served.blobs]
    # In a turn of their own: words are looked up all over the memory, and quicker while nothing else pushes them out.
    return [
        DescribedBlob(examined, properties, (join_stems(title), join_stems(rest)))
        for examined, properties, (title, rest) in described
    ]


def _describe(served: ServedBlobs, rules: EpochRules, record: RecordRow, data: bytes) -> DescribedBlob:
    """Its text as it was written."""
    wanted = served.wanted[record.epoch]
    examined = examine_blob(served.network, record, data, rules, wanted)
    if examined.content is None:
        return DescribedBlob(examined)
    payload = examined.content["payload"]
    properties = build_properties(payload, served.documents[wanted[1]])
    kept = ExaminedBlob(references=examined.references) if examined.references else RIGHT
    return DescribedBlob(kept, properties, written_text(payload))
