"""`verify_log` over an honest log, and over one whose bytes are under the test's control."""

import pytest

from federation.errors import Unreachable, Untrusted
from federation.judge import Pins
from federation.jws import sign_jws
from federation.keys import thumbprint
from federation.leaves import build_record, sign_leaf
from federation.tlog.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint, verify_extends
from federation.tlog.note import COSIGNATURE_V1, add_signatures, build_vkey, cosign_note, sign_note
from federation.tlog.tiles import CHECKPOINT_PATH
from federation.verify_log import Progress, Report, verify_log
from schemas.leaf import LEAF_TYP
from schemas.problem import Code
from tests.fakes.dishonest_log import DishonestLog
from tests.fakes.network_log import NETWORK, NetworkLog, open_log, shared_key

W1, W2, W3 = (shared_key("Ed25519", f"witness {n}") for n in (1, 2, 3))
VKEYS = tuple(build_vkey(f"w{n}.example", key, COSIGNATURE_V1) for n, key in enumerate((W1, W2, W3), start=1))


async def report_on(reader, pins=None) -> Report:
    *progress, report = [item async for item in verify_log(reader, pins or Pins())]
    assert all(isinstance(item, Progress) for item in progress)
    assert isinstance(report, Report)
    return report


def log_with_records(count=3) -> NetworkLog:
    log = open_log()
    for number in range(count):
        log.publish(("ada", "ben", "cem")[number % 3])
    return log


def long_log() -> NetworkLog:
    """259 entries: two bundles and a tile of level 1; most are refused leaves, which cost nothing to make."""
    log = log_with_records(1)
    log.append(*(b"junk %d" % n for n in range(246)))
    return log


async def test_an_honest_log():
    log = log_with_records()
    report = await report_on(DishonestLog(log))
    assert report.document() == {
        "origin": log.origin,
        "size": 15,
        "root": log.edge.root().hex(),
        "records": 3,
        "cosignatures": [],
        "refused": [],
        "newer": 0,
        "alarms": [],
        "faults": [],
        "pinned": False,
        "final": False,
        "counted": {"members": 3, "epochs": 1, "pseudonyms": 3, "blocked": 0, "gone": 0},
        "contents": None,
        "ok": True,
    }


async def test_pinned_keys_are_said_to_be_pinned():
    log = log_with_records()
    report = await report_on(DishonestLog(log), Pins(leaf_jkt=thumbprint(log.leaf_private)))
    assert (report.pinned, report.ok) == (True, True)


async def test_other_pinned_keys_refuse_the_log():
    report = await report_on(DishonestLog(log_with_records()), Pins(leaf_jkt="A" * 43))
    assert (report.ok, report.refused, report.faults[0].code) == (
        False,
        ((0, Code.KEY_NOT_PINNED),),
        Code.KEY_NOT_PINNED,
    )


async def test_progress_is_told_a_bundle_at_a_time():
    log = long_log()
    progress = [(p.done, p.size) async for p in verify_log(DishonestLog(log), Pins()) if isinstance(p, Progress)]
    assert progress == [(256, 259), (259, 259)]


async def test_refused_leaves_are_listed_with_their_codes_and_the_rest_is_counted():
    log = log_with_records(1)
    stranger = sign_leaf(
        build_record(NETWORK, epoch=1, kind="practice", blob_sha256="0" * 64), shared_key("Ed25519", "stranger")
    )
    log.append(stranger, b"junk")
    log.publish("ben")
    report = await report_on(DishonestLog(log))
    assert report.refused == ((13, Code.PSEUDONYM_UNKNOWN), (14, Code.TOKEN_MALFORMED))
    assert (report.records, report.faults, report.ok) == (2, (), False)
    assert report.document()["refused"][0] == {"index": 13, "code": "pseudonym-unknown"}


async def test_a_leaf_for_newer_programs_is_counted_and_no_fault():
    log = log_with_records(1)
    log.append(sign_jws({"t": "praise", "v": 2}, log.leaf_private, typ=LEAF_TYP).encode())
    report = await report_on(DishonestLog(log))
    assert (report.newer, report.records, report.refused, report.ok) == (1, 1, (), True)


async def test_partial_tiles_that_were_dropped_are_read_from_the_full_ones():
    log = long_log()
    reader = DishonestLog(log)
    shorter = NetworkLog()
    shorter.append(*log.entries[:100])
    reader.shrink(shorter)
    for path in [path for path in reader.files if "/000.p/" in path]:
        reader.drop(path)
    report = await report_on(reader)
    assert (report.size, report.faults) == (100, ())


async def test_cosignatures_of_the_epochs_witnesses_are_named():
    log = NetworkLog()
    log.append(log.genesis(), log.epoch(witnesses=VKEYS))
    reader = DishonestLog(log)
    note = reader.files[CHECKPOINT_PATH]
    text = Checkpoint(log.origin, log.edge.size, log.edge.root()).body()
    lines = [cosign_note(text, W2, "w2.example", 5), cosign_note(text, W1, "w1.example", 6)]
    lines.append(cosign_note(text, W3, "stranger.example", 7))
    reader.files[CHECKPOINT_PATH] = add_signatures(note, lines)
    report = await report_on(reader)
    assert (report.cosignatures, report.ok) == (("w1.example", "w2.example"), True)
    reader.files[CHECKPOINT_PATH] = add_signatures(note, [cosign_note(text + "x\n", W1, "w1.example", 6)])
    report = await report_on(reader)
    assert [fault.code for fault in report.faults] == [Code.SIGNATURE_INVALID]


# Dishonest logs ------------------------------------------------------------------------------------------------------


async def test_a_flipped_bit_in_an_entry_is_found_where_it_is():
    reader = DishonestLog(log_with_records())
    reader.flip("tile/entries/000.p/15", -10)
    report = await report_on(reader)
    assert (report.refused, report.faults) == (((14, Code.ENTRY_WRONG),), ())


async def test_a_flipped_bit_in_a_tile_is_found_where_it_is():
    reader = DishonestLog(log_with_records())
    reader.flip("tile/0/000.p/15", 40)
    report = await report_on(reader)
    assert report.refused == ()
    assert [(fault.code, "tile/0/000" in fault.detail) for fault in report.faults] == [(Code.TILE_WRONG, True)]


async def test_a_flipped_bit_in_an_upper_tile_is_found():
    reader = DishonestLog(long_log())
    reader.flip("tile/1/000.p/1", 0)
    report = await report_on(reader)
    assert [(fault.code, "tile/1/000.p/1" in fault.detail) for fault in report.faults] == [(Code.TILE_WRONG, True)]


async def test_an_entry_and_its_hash_replaced_together_miss_the_root():
    log, other = log_with_records(), log_with_records()
    reader = DishonestLog(log)
    for path in ("tile/0/000.p/15", "tile/entries/000.p/15"):
        reader.files[path] = other.files[path]
    report = await report_on(reader)
    assert [fault.code for fault in report.faults] == [Code.INCLUSION_WRONG]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("checkpoint", Code.LOG_INCOMPLETE),
        ("tile/0/000.p/15", Code.LOG_INCOMPLETE),
        ("tile/entries/000.p/15", Code.LOG_INCOMPLETE),
    ],
)
async def test_a_missing_file_is_a_fault(path, code):
    reader = DishonestLog(log_with_records())
    reader.drop(path)
    report = await report_on(reader)
    assert ([fault.code for fault in report.faults], report.ok) == ([code], False)


@pytest.mark.parametrize(
    ("path", "change", "code"),
    [
        ("checkpoint", lambda data: data.replace(b"\n15\n", b"\n14\n"), Code.SIGNATURE_INVALID),
        ("checkpoint", lambda data: data[:-20], Code.CHECKPOINT_MALFORMED),
        ("checkpoint", lambda data: data[:-20] + b"AAAAAAAAAAAAAAAAAA==", Code.CHECKPOINT_MALFORMED),
        ("checkpoint", lambda _: b"<html>", Code.CHECKPOINT_MALFORMED),
        ("checkpoint", lambda data: data * 100, Code.PEER_TOO_LARGE),
        ("tile/0/000.p/15", lambda data: data[:-1], Code.TILE_MALFORMED),
        ("tile/entries/000.p/15", lambda data: data[:-1], Code.BUNDLE_MALFORMED),
        ("tile/entries/000.p/15", lambda data: data + b"\0\0", Code.BUNDLE_MALFORMED),
    ],
)
async def test_malformed_files_are_faults(path, change, code):
    reader = DishonestLog(log_with_records())
    reader.tamper(path, change)
    report = await report_on(reader)
    assert ([fault.code for fault in report.faults], report.ok) == ([code], False)


async def test_another_root_under_the_logs_own_signature():
    log = log_with_records()
    reader = DishonestLog(log)
    reader.files[CHECKPOINT_PATH] = sign_checkpoint(Checkpoint(log.origin, 15, b"\1" * 32), log.log_private)
    report = await report_on(reader)
    assert [fault.code for fault in report.faults] == [Code.INCLUSION_WRONG]


async def test_a_checkpoint_that_somebody_else_signed():
    log = log_with_records()
    reader = DishonestLog(log)
    checkpoint = Checkpoint(log.origin, 15, log.edge.root())
    reader.files[CHECKPOINT_PATH] = sign_checkpoint(checkpoint, shared_key("Ed25519", "stranger"))
    report = await report_on(reader)
    assert [fault.code for fault in report.faults] == [Code.CHECKPOINT_UNSIGNED]


async def test_a_checkpoint_of_another_log():
    log = log_with_records()
    reader = DishonestLog(log)
    checkpoint = Checkpoint("net.example/net/south/log/1", 15, log.edge.root())
    reader.files[CHECKPOINT_PATH] = sign_checkpoint(checkpoint, log.log_private)
    report = await report_on(reader)
    assert [fault.code for fault in report.faults] == [Code.CHECKPOINT_ORIGIN_WRONG]


async def test_a_fork_and_a_shrunk_log_verify_alone_and_not_against_what_was_seen():
    log, other, shorter = log_with_records(), log_with_records(), open_log()
    seen = read_checkpoint(log.files[CHECKPOINT_PATH])
    forked, shrunk = DishonestLog(log), DishonestLog(log)
    forked.fork(other)
    shrunk.shrink(shorter)
    for reader, code in ((forked, Code.LOG_FORKED), (shrunk, Code.CHECKPOINT_SHRUNK)):
        with pytest.raises(Untrusted) as refusal:
            verify_extends(seen, read_checkpoint(reader.files[CHECKPOINT_PATH]), reader.files)
        assert refusal.value.code is code
    assert (await report_on(forked)).ok


async def test_an_absurd_size_costs_nothing():
    log = log_with_records()
    reader = DishonestLog(log)
    reader.files[CHECKPOINT_PATH] = sign_checkpoint(Checkpoint(log.origin, 2**62, log.edge.root()), log.log_private)
    report = await report_on(reader)
    assert ([fault.code for fault in report.faults], len(reader.reads)) == ([Code.LOG_INCOMPLETE], 2)


async def test_an_empty_log_is_no_log():
    log = NetworkLog()
    log.files[CHECKPOINT_PATH] = log.signed_checkpoint()
    report = await report_on(DishonestLog(log))
    assert [fault.code for fault in report.faults] == [Code.GENESIS_MISSING]


async def test_no_answer_is_no_verdict():
    class Gone:
        async def read(self, path, *, max_bytes):
            raise Unreachable(Code.PEER_UNREACHABLE, "The server does not answer.")

    with pytest.raises(Unreachable):
        await report_on(Gone())


def test_a_signed_note_alone_is_signed_by_the_log_key_only():
    # The fixtures above rely on it: the log's line is the first of every checkpoint.
    log = log_with_records(1)
    line = sign_note(Checkpoint(log.origin, log.edge.size, log.edge.root()).body(), log.log_private, log.origin)
    assert log.files[CHECKPOINT_PATH] == add_signatures(log.files[CHECKPOINT_PATH], [line])
