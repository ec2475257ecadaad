"""One practice as its page shows it: record, results, how like mine its school is, its place in the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from nic_node.commons.evidence import bands_of, evidence_of
from nic_node.commons.my_forecast import MyForecast, likeness_of, my_forecast
from nic_node.commons.my_school import my_share, my_standpoint
from nic_node.commons.results import PracticeEvidence, build_evidence, main_measure
from nic_node.commons.search import projects_that_copied
from nic_node.errors import NotFound
from nic_node.evidence.similarity import Similarity
from nic_node.i18n import N_
from nic_node.mirror.epochs import epochs_of
from nic_node.mirror.inclusion import Inclusion, verify_record_inclusion
from nic_node.mirror.read import LivingRecord, LogView, living_record, living_records, mirrored_logs, tombstone_of
from nic_node.mirror.versions import Version, history_of, newest_version
from schemas.vocab import MODERATION_REASONS

KINDS = frozenset({"practice", "replication"})
NOT_HERE = N_("There is no such practice in the libraries that your school may read.")
GONE = {
    "withdrawn": N_("The school that shared this took it back, so its content is erased here."),
    "corrected": N_("The school that shared this put a corrected record in its place, which is gone too."),
    "moderated": N_("The network took this down, so its content is erased here."),
    "blocked": N_("The network blocked the pseudonym that wrote this, so its content is erased here."),
    "refused": N_("This record breaks a rule of the network, so it is not shown."),
    "held": N_("This node was restored from a backup. The record shows again once the network’s log was read."),
    "unrecognised": N_("It came in a term of fewer schools than your school recognises, so it is not shown here."),
    "withheld": N_("The network has not handed out the content of this record yet. Try again later."),
}
TAKEN_DOWN = N_(
    "The network’s coordinators took this down, so its content is erased here. Their reason: {reason}. {meaning}"
)

ORIGIN_GONE = {
    "withdrawn": N_("The practice that was tried here was withdrawn by the school that shared it. This result stays."),
    "moderated": N_("The practice that was tried here was taken down by the network. This result stays."),
    "blocked": N_("The practice that was tried here is by a pseudonym that the network blocked. This result stays."),
}
"""What a replication says of a practice that is gone; for all other reasons it says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeView:
    """What is known of a practice, or of a replication, here and now.

    Attributes:
        bands: its context class; {} where none left the school.
        origin: for a replication the newest version of the practice; None when it is gone: `origin_gone` says why.
        is_of_earlier: whether a replication tried a version of its practice that was corrected since.
        history: the versions of the record, itself among them, the first one first.
        inclusion: where it stands in the log, checked just now; None while the log is still being fetched, and where
            the check failed: then `alarm` is its code.
        terms: record id -> the day from which the pseudonyms of its epoch may publish.
        epochs: number of an epoch of this log -> the day from which its pseudonyms may publish.
        started: projects here that copied it, the newest first.
        forecast: how it would go in my school; None where no result could be pooled.
    """

    record: LivingRecord
    log: LogView
    bands: Mapping[str, str]
    likeness: Similarity
    evidence: PracticeEvidence
    origin: LivingRecord | None
    origin_gone: str
    is_of_earlier: bool
    history: Sequence[Version]
    inclusion: Inclusion | None
    alarm: str
    terms: Mapping[str, datetime]
    epochs: Mapping[int, datetime]
    started: Sequence[int]
    forecast: MyForecast | None


async def practice_view(
    session: AsyncSession, record_id: str, *, now: datetime, person_id: int | None = None
) -> PracticeView:
    """Everything that the page of a practice or replication needs; `person_id`: who looks, as `look_up` takes it.

    Raises:
        NotFound: it is not here, was taken back, or its library may not be read now.
    """
    record, log = await readable_record(session, record_id, now=now)
    evidence = await _evidence(session, record)
    inclusion, alarm = await _inclusion(session, record_id)
    share = await my_share(session, evidence.outcome.measure) if evidence.outcome else None
    mine = await my_standpoint(session, person_id)
    origin_id = record.payload.get("origin", "")
    newest = await newest_version(session, origin_id) if origin_id else ""
    origin = (await living_records(session, [newest])).get(newest)
    history = await history_of(session, record_id)
    versions = [version.record_id for version in history]
    started = await projects_that_copied(session, versions)
    return PracticeView(
        record=record,
        log=log,
        bands=evidence.own.bands,
        likeness=likeness_of(
            replace(evidence.own, measure=main_measure(record.payload)), mine.profile, share, dict(mine.weights)
        ),
        forecast=my_forecast(evidence, mine.profile, share),
        evidence=evidence,
        origin=origin,
        origin_gone=await _origin_gone(session, origin_id) if origin_id and origin is None else "",
        is_of_earlier=newest != origin_id,
        history=history,
        inclusion=inclusion,
        alarm=alarm,
        terms=await _terms(session, evidence),
        epochs={
            epoch.number: epoch.epoch.windows.active_from
            for epoch in await epochs_of(session, record.network)
            if epoch.origin == record.origin
        },
        started=sorted({project for found in started.values() for project in found}, reverse=True),
    )


async def readable_record(session: AsyncSession, record_id: str, *, now: datetime) -> tuple[LivingRecord, LogView]:
    """A practice or replication of a library that this school may read now.

    Raises:
        NotFound: in words that say why.
    """
    try:
        record = await living_record(session, record_id)
    except NotFound as error:
        raise NotFound(await _gone_words(session, record_id)) from error
    logs = {log.id: log for log in await mirrored_logs(session, now=now)}
    if record.kind not in KINDS or record.log_id not in logs:
        raise NotFound(NOT_HERE)
    return record, logs[record.log_id]


async def _gone_words(session: AsyncSession, record_id: str) -> str:
    stone = await tombstone_of(session, record_id)
    if stone is None:
        return NOT_HERE
    if stone.reason is not None and stone.reason in MODERATION_REASONS:
        entry = MODERATION_REASONS[stone.reason]
        return TAKEN_DOWN.format(reason=entry.label, meaning=entry.definition)
    return GONE.get(stone.gone, NOT_HERE)


async def _origin_gone(session: AsyncSession, origin_id: str) -> str:
    stone = await tombstone_of(session, origin_id)
    return ORIGIN_GONE.get(stone.gone, "") if stone is not None else ""


async def _evidence(session: AsyncSession, record: LivingRecord) -> PracticeEvidence:
    """All results of a practice; of a replication its own, the rest stands on the practice's page."""
    if record.kind == "practice":
        return await evidence_of(session, record)
    return build_evidence(record, (), await bands_of(session, [record]))


async def _inclusion(session: AsyncSession, record_id: str) -> tuple[Inclusion | None, str]:
    try:
        return await verify_record_inclusion(session, record_id), ""
    except NotFound:  # the newest entries of the log are still on their way
        return None, ""
    except Untrusted as error:
        return None, error.code.value


async def _terms(session: AsyncSession, evidence: PracticeEvidence) -> dict[str, datetime]:
    starts = {
        (network, epoch.number): epoch.epoch.windows.active_from
        for network in {result.record.network for result in evidence.results}
        for epoch in await epochs_of(session, network)
    }
    found = {
        result.record.record_id: starts.get((result.record.network, result.record.epoch)) for result in evidence.results
    }
    return {record_id: when for record_id, when in found.items() if when is not None}
