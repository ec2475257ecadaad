"""Bundles of blobs looked at without the log and without the database, so that another process may do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from federation.judge import Documents, EpochRules, ExaminedBlob, RecordRow, examine_blob
from nic_node.mirror.blob_lines import match_lines
from nic_node.mirror.describe import NONE, Properties, build_properties
from nic_node.mirror.words import join_stems, written_text


class ServedFile(NamedTuple):
    """What is served for the records of one bundle: `records` in index order, whether each lacks its blob; `lines`."""

    records: Sequence[tuple[RecordRow, bool]]
    lines: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What blobs are held to, whichever bundle they are of.

    network: its entity id. wanted: epoch -> hashes of its policy and its lattice, which `documents` holds.
    """

    network: str
    documents: Documents
    wanted: Mapping[int, tuple[str, str]]


RIGHT: Final = ExaminedBlob()
"""Of most blobs: one for all, which is written once where many are handed over."""


class DescribedBlob(NamedTuple):
    """An examined blob, its document left out; if nothing was wrong, also its properties and its text for the index."""

    examined: ExaminedBlob
    properties: Properties = NONE
    text: tuple[str, str] = ("", "")


UNEXAMINED: Final = DescribedBlob(ExaminedBlob())
"""Of a blob that is not there, or that is refused whatever it holds."""


class DescribedFile(NamedTuple):
    """Of a file's records, in their order: the number of each one's line (None: it has none), and what that holds.

    strays: the numbers of lines that stand for no record.
    """

    records: Sequence[tuple[int | None, DescribedBlob]]
    strays: Sequence[int]


def describe_blobs(files: Sequence[ServedFile], standard: Standard) -> list[DescribedFile]:
    """In the order of the files; of records that lack no blob, only which line is theirs.

    Raises:
        Unreachable: NOT_FOUND, `documents` lacks one.
    """
    rules = EpochRules(standard.documents)
    described = [_describe_file(standard, rules, file) for file in files]
    # In a turn of their own: words are looked up all over the memory, and quicker while nothing else pushes them out.
    return [
        DescribedFile([(number, _with_stems(blob)) for number, blob in records], strays)
        for records, strays in described
    ]


def have_loaded() -> None:
    """Nothing; whoever has done it has loaded what examining takes, half of its start."""


def _describe_file(standard: Standard, rules: EpochRules, file: ServedFile) -> DescribedFile:
    """Texts as they were written."""
    matched = match_lines({record.index: record.blob_sha256 for record, _ in file.records}, file.lines)
    described: list[tuple[int | None, DescribedBlob]] = []
    for record, is_lacking in file.records:
        number = matched.of_record.get(record.index)
        blob = UNEXAMINED
        if number is not None and is_lacking:
            blob = _describe(standard, rules, record, file.lines[number], matched.sha256s[number])
        described.append((number, blob))
    return DescribedFile(described, matched.strays)


def _describe(standard: Standard, rules: EpochRules, record: RecordRow, data: bytes, sha256: str) -> DescribedBlob:
    wanted = standard.wanted[record.epoch]
    examined = examine_blob(standard.network, record, data, rules, wanted, data_sha256=sha256)
    if examined.content is None:
        return DescribedBlob(examined)
    payload = examined.content["payload"]
    properties = build_properties(payload, standard.documents[wanted[1]])
    kept = ExaminedBlob(references=examined.references) if examined.references else RIGHT
    return DescribedBlob(kept, properties, written_text(payload))


def _with_stems(blob: DescribedBlob) -> DescribedBlob:
    if not any(blob.text):
        return blob
    title, rest = blob.text
    return DescribedBlob(blob.examined, blob.properties, (join_stems(title), join_stems(rest)))
