"""A second history of a network's log, under the same keys; and a node that was shown both."""

from federation.keys import generate_private_jwk
from federation.tlog.checkpoint import Checkpoint, sign_checkpoint
from federation.tlog.edge import EMPTY_EDGE, append_entries
from federation.tlog.fork import Fork
from federation.tlog.note import COSIGNATURE_V1, add_signatures, build_vkey, cosign_note, parse_note
from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.db.engine import Database
from nic_node.mirror.forks.freeze import freeze_log
from nic_node.mirror.tables import MirrorEpoch, MirrorLog
from tests.conftest import TestClock
from tests.fakes.mirroring import membership_row
from tests.fakes.network_log import MEMBERS, NetworkLog

WITNESSES = tuple(f"{name}.example/witness" for name in MEMBERS)


def forked_files(log: NetworkLog, size: int, *, apart_from: int = 12, mark: str = "other") -> dict[str, bytes]:
    """Files of a log of `size` entries that shares the first `apart_from` with `log`; another mark, another history."""
    entries = [*log.entries[:apart_from], *(f"{mark} {number}".encode() for number in range(apart_from, size))]
    appended = append_entries(EMPTY_EDGE, b"", entries[:size])
    note = sign_checkpoint(Checkpoint(log.origin, size, appended.root), log.log_private)
    return {**appended.files, CHECKPOINT_PATH: note}


async def show_two_histories(database: Database, clock: TestClock) -> NetworkLog:
    """Make a node a member of a network whose log it saw fork; two of three witnesses signed what it followed."""
    log, keys = NetworkLog(), {name: generate_private_jwk("Ed25519") for name in WITNESSES}
    witnesses = tuple(build_vkey(name, key, COSIGNATURE_V1) for name, key in keys.items())
    log.append(log.genesis(), *(log.member(name) for name in MEMBERS), log.epoch(witnesses=witnesses))
    first = log.files[CHECKPOINT_PATH]
    text = parse_note(first).text
    first = add_signatures(first, [cosign_note(text, keys[name], name, 1_790_000_000) for name in WITNESSES[:2]])
    second = forked_files(log, 5, apart_from=4)[CHECKPOINT_PATH]
    (epoch,) = log.judged().epochs.values()
    async with database.writing() as session:
        membership = membership_row(log, f"{log.network}/log/1", clock)
        session.add(membership)
        await session.flush()
        row = MirrorLog(
            membership_id=membership.id, network=log.network, generation=1, origin=log.origin,
            log_key=log.log_key.text, log_url=f"{log.network}/log/1", state="live", checkpoint=first,
            size=5, root=log.edge.root(), mirrored=5, final_size=5, edge=b"", judged_version=1,
            current_at=clock(), created_at=clock(),
        )  # fmt: skip
        session.add(row)
        await session.flush()
        session.add(
            MirrorEpoch(
                log_id=row.id,
                number=1,
                leaf_index=epoch.index,
                payload=epoch.payload,
                status=epoch.status.value,
                issued=0,
                registered=0,
            )
        )
        await freeze_log(session, row, Fork(first, second), source="https://ben.example", now=clock())
    return log
