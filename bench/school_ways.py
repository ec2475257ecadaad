"""What only a link, a file or a pair opens in a school of `bench.five_years`: each is made, and its address said."""

from sqlalchemy.ext.asyncio import AsyncSession

from bench.five_years import NOW, TODAY, Size
from nic_node.accounts.actor import Actor
from nic_node.membership.local import LocalNode
from nic_node.school.coaching.write import begin_coaching, write_note
from nic_node.school.discussion.write import attach_file
from nic_node.school.measures.file_rows import FileRow
from nic_node.school.measures.links import make_link
from nic_node.school.measures.numbers import Numbers
from nic_node.school.measures.read_file import ReadFile
from nic_node.school.measures.uploads import preview_import
from nic_node.school.pulse.survey import open_survey
from nic_node.today.reach import FEED, OFF, link_of, make_feed

ADA = Actor(person_id=1, name="Ada Field", kind="person")


async def open_ways(session: AsyncSession, node: LocalNode, size: Size) -> dict[str, str]:
    """Route -> address."""
    return {
        **await _numbers(session, size.measures * size.projects),
        **await _pulse(session),
        **await _coaching(session, node),
        **await _reach(session, node),
        "discussion.file": await _file(session, size.projects),
    }


async def _numbers(session: AsyncSession, measure_id: int) -> dict[str, str]:
    link = await make_link(session, actor=ADA, measure_id=measure_id, name="Front office", now=NOW)
    rows = (FileRow(line=2, period=TODAY, numbers=Numbers(value=50.0)),)
    upload = ReadFile(rows=rows, faults=(), rows_read=1, read={}, file_name="days.csv")
    preview = await preview_import(session, actor=ADA, measure_id=measure_id, upload=upload, now=NOW)
    return {
        "measures.by_link": f"/number/{link.token}",
        "measures.preview": f"/measures/{measure_id}/imports/{preview.id}",
    }


async def _pulse(session: AsyncSession) -> dict[str, str]:
    days = {"opens_on": TODAY, "closes_on": TODAY}
    made = {}
    for audience, answered_by in (("staff", "account"), ("families", "link"), ("students", "slips")):
        values = {"title": "How it goes", "audience": audience, "answered_by": answered_by, "asked": 60, **days}
        items = [("efficacy", "I can change what happens here.")]
        made[audience] = await open_survey(session, actor=ADA, values=values, items=items, zone="UTC", now=NOW)
    slips = f"/pulse/{made['students'].id}/slips"
    return {
        "pulse.own": f"/pulse/{made['staff'].id}/answer",
        "pulse.answer": f"/pulse/answer/{made['families'].link}",
        "pulse.slips": slips,
        "pulse.slips_csv": f"{slips}.csv",
    }


async def _coaching(session: AsyncSession, node: LocalNode) -> dict[str, str]:
    key = node.operator_key
    pair = {"is_coach": True, "other_id": 2, "goal": "Wait longer for an answer", "goal_id": None}
    cycle = await begin_coaching(session, key, actor=ADA, today=TODAY, now=NOW, **pair)
    seen = {"student_action": "Two children spoke first."}
    note = await write_note(session, key, actor=ADA, cycle_id=cycle.id, values=seen, today=TODAY, now=NOW)
    return {"coaching.show": f"/coaching/{cycle.id}", "coaching.note": f"/coaching/notes/{note.id}"}


async def _reach(session: AsyncSession, node: LocalNode) -> dict[str, str]:
    row = await make_feed(session, actor=ADA, now=NOW)
    feed = link_of(node.operator_key, FEED, ADA.person_id or 0, row.feed)
    off = link_of(node.operator_key, OFF, ADA.person_id or 0)
    return {"today.feed": f"/today/calendar/{feed}", "today.off": f"/today/off/{off}"}


async def _file(session: AsyncSession, project_id: int) -> str:
    words = {"kind": "project", "subject_id": project_id, "name": "minutes.txt", "content": b"Done.\n"}
    row = await attach_file(session, actor=ADA, now=NOW, **words)
    return f"/files/{row.id}"
