"""What members flagged, with the records themselves, and what coordinators proposed and decided about them."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.network.coordinators import deciding_ids
from nic_node.network.in_force import policy_in_force
from nic_node.network.log.tables import LivingBlob, Log, LogRecord
from nic_node.network.moderation.states import Act, CaseState
from nic_node.network.moderation.tables import ModerationCase, ModerationVoice
from schemas.ids import parse_record_id

FLAG: Final = "flag"
LATEST: Final = 20

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag as it stands in the log."""

    jkt: str
    code: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRecord:
    """A record of the network's log; `payload` is None once its content is erased."""

    record_id: str
    kind: str
    jkt: str
    index: int
    epoch: int
    gone: str | None
    payload: Payload | None

    @property
    def title(self) -> str:
        """Its title, else the beginning of its text; "" once it is erased."""
        shown: str = (self.payload or {}).get("title") or (self.payload or {}).get("text", "")
        return shown[:120]


@dataclass(slots=True, kw_only=True)
class Flagged:
    """A record that somebody flagged, and has not been decided about since.

    Attributes:
        codes: code -> how many pseudonyms gave it. pseudonyms: how many distinct ones flagged it at all.
        newest: index of the newest flag, which a dismissal names.
    """

    record: LoggedRecord
    codes: Mapping[str, int]
    pseudonyms: int
    newest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A proposal or decision.

    Attributes:
        voices: names of the coordinators who said yes and decide today, the first one proposed it. needed: how many.
        said: ids of these coordinators.
    """

    case: ModerationCase
    record: LoggedRecord | None
    voices: Sequence[str]
    needed: int
    said: frozenset[int] = field(default_factory=frozenset)


async def flagged_records(session: AsyncSession, network_id: int) -> list[Flagged]:
    """What waits for a decision: the most often flagged first."""
    by_target = await _flags(session, network_id)
    dismissed = await _dismissed_upto(session, network_id)
    going = await _decided_to_go(session, network_id)
    records = await logged_records(session, network_id, by_target.keys() - going)
    found = []
    for target, flags in by_target.items():
        record = records.get(target)
        newest = max(flag.index for flag in flags)
        if record is None or record.gone is not None or record.payload is None or newest <= dismissed.get(target, -1):
            continue
        codes = Counter(code for code, _ in {(flag.code, flag.jkt) for flag in flags})
        pseudonyms = len({flag.jkt for flag in flags})
        found.append(Flagged(record=record, codes=codes, pseudonyms=pseudonyms, newest=newest))
    return sorted(found, key=lambda one: (-one.pseudonyms, one.newest))


async def _flags(session: AsyncSession, network_id: int) -> dict[str, list[Flag]]:
    """Target -> its living flags, in log order."""
    chosen = (
        select(LogRecord.jkt, LogRecord.index, LivingBlob.content)
        .join(LivingBlob, (LivingBlob.log_id == LogRecord.log_id) & (LivingBlob.index == LogRecord.index))
        .join(Log, Log.id == LogRecord.log_id)
        .where(Log.network_id == network_id, LogRecord.kind == FLAG, LogRecord.gone.is_(None))
        .order_by(Log.generation, LogRecord.index)
    )
    found: dict[str, list[Flag]] = defaultdict(list)
    for jkt, index, content in await session.execute(chosen):
        # Its form was checked when it was let in.
        payload = json.loads(content)["payload"]
        found[payload["target"]].append(Flag(jkt, payload["code"], index))
    return found


async def _decided_to_go(session: AsyncSession, network_id: int) -> set[str]:
    """Also what the log does not say yet."""
    chosen = select(ModerationCase.record).where(
        ModerationCase.network_id == network_id,
        ModerationCase.act != Act.DISMISS,
        ModerationCase.state == CaseState.DONE,
    )
    return set(await session.scalars(chosen))


async def _dismissed_upto(session: AsyncSession, network_id: int) -> dict[str, int]:
    chosen = select(ModerationCase.record, ModerationCase.upto).where(
        ModerationCase.network_id == network_id, ModerationCase.act == Act.DISMISS
    )
    upto: dict[str, int] = {}
    for record, index in await session.execute(chosen):
        upto[record] = max(index or 0, upto.get(record, 0))
    return upto


async def logged_records(session: AsyncSession, network_id: int, record_ids: Iterable[str]) -> dict[str, LoggedRecord]:
    """Those of the named records that the network's logs hold; what is no record id is none."""
    origins = dict((await session.execute(select(Log.origin, Log.id).where(Log.network_id == network_id))).all())
    found = {}
    for record_id in record_ids:
        try:
            origin, index = parse_record_id(record_id)
        except ValueError:
            continue
        row = await session.get(LogRecord, (origins[origin], index)) if origin in origins else None
        if row is not None:
            blob = await session.get(LivingBlob, (row.log_id, row.index))
            found[record_id] = _logged(record_id, row, blob)
    return found


def _logged(record_id: str, row: LogRecord, blob: LivingBlob | None) -> LoggedRecord:
    return LoggedRecord(
        record_id=record_id,
        kind=row.kind,
        jkt=row.jkt,
        index=row.index,
        epoch=row.epoch,
        gone=row.gone,
        payload=json.loads(blob.content)["payload"] if blob is not None else None,
    )


async def open_cases(session: AsyncSession, network_id: int) -> list[CaseView]:
    """Proposals that wait for another coordinator, the longest waiting first."""
    chosen = select(ModerationCase).where(
        ModerationCase.network_id == network_id, ModerationCase.state == CaseState.OPEN
    )
    return await _views(session, network_id, (await session.scalars(chosen.order_by(ModerationCase.id))).all())


async def decided_cases(session: AsyncSession, network_id: int, *, limit: int = LATEST) -> list[CaseView]:
    """The newest first."""
    chosen = select(ModerationCase).where(
        ModerationCase.network_id == network_id, ModerationCase.state != CaseState.OPEN
    )
    chosen = chosen.order_by(ModerationCase.id.desc()).limit(limit)
    return await _views(session, network_id, (await session.scalars(chosen)).all())


async def case_view(session: AsyncSession, case: ModerationCase) -> CaseView:
    (view,) = await _views(session, case.network_id, [case])
    return view


async def _views(session: AsyncSession, network_id: int, cases: Sequence[ModerationCase]) -> list[CaseView]:
    records = await logged_records(session, network_id, {case.record for case in cases})
    needed = (await policy_in_force(session, network_id))["approvals_required"]
    deciding = await deciding_ids(session, network_id)
    chosen = select(ModerationVoice).where(ModerationVoice.case_id.in_([case.id for case in cases]))
    voices = list(await session.scalars(chosen.order_by(ModerationVoice.id)))
    names = await person_names(session, {voice.person_id for voice in voices})
    views = []
    for case in cases:
        # Of what is decided everybody counts who said yes then; of what waits, who decides today.
        own = [
            voice
            for voice in voices
            if voice.case_id == case.id and (case.state != CaseState.OPEN or voice.person_id in deciding)
        ]
        views.append(
            CaseView(
                case=case,
                record=records.get(case.record),
                voices=[names.get(voice.person_id, "") for voice in own],
                needed=1 if case.act == Act.DISMISS else needed,
                said=frozenset(voice.person_id for voice in own),
            )
        )
    return views


async def count_waiting(session: AsyncSession, network_id: int) -> int:
    """Flagged records and proposals that wait for a person."""
    return len(await flagged_records(session, network_id)) + len(await open_cases(session, network_id))


# As JSON --------------------------------------------------------------------------------------------------------------


def flagged_document(one: Flagged) -> dict[str, Any]:
    return {**record_document(one.record), "codes": dict(one.codes), "pseudonyms": one.pseudonyms}


def record_document(record: LoggedRecord) -> dict[str, Any]:
    return {
        "record": record.record_id,
        "kind": record.kind,
        "pseudonym": record.jkt,
        "index": record.index,
        "title": record.title,
        "payload": record.payload,
    }


def case_document(view: CaseView) -> dict[str, Any]:
    case = view.case
    when: datetime | None = case.decided_at
    return {
        "id": case.id,
        "act": case.act,
        "record": case.record or None,
        "title": view.record.title if view.record is not None else "",
        "pseudonym": case.jkt,
        "from_index": case.from_index,
        "reason": case.reason,
        "state": case.state,
        "voices": list(view.voices),
        "needed": view.needed,
        "opened_at": case.opened_at.isoformat(),
        "decided_at": when.isoformat() if when else None,
        "version": case.version,
    }
