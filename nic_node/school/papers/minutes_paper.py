"""Minutes on paper: who came and does what for staff; for others what was talked about and decided, without names."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.i18n import N_
from nic_node.school.meetings.read import MeetingView, view_meeting
from nic_node.school.papers.paper import Bullets, Facts, Paper, Section, Text, Writer, section, whole
from nic_node.school.papers.plan_paper import ASK
from nic_node.school.profile.name import school_name_and_year

FOR_FAMILIES = N_("What we decided on {day}")


async def minutes_paper(session: AsyncSession, writer: Writer, *, meeting_id: int, today: date) -> Paper:
    """Raises NotFound."""
    view = await view_meeting(session, meeting_id, today)
    school, _year = await school_name_and_year(session, today=today)
    decided = [writer.own(decision.text) for item in view.items for decision in item.decisions]
    decided += [writer.own(decision.text) for decision in view.loose]
    none = None if decided else Text(writer.say(N_("Nothing was decided.")))
    sections = [section(writer.say(N_("Decided")), Bullets(decided, own=True), none)]
    if writer.is_families:
        sections.append(section(writer.say(N_("Talk with us")), Text(writer.say(ASK))))
    else:
        topics = [writer.own(item.item.text) for item in view.items]
        sections.append(section(writer.say(N_("What was talked about")), Bullets(topics, own=True)))
    if writer.is_staff:
        sections += _for_staff(writer, view)
    day = writer.day(view.meeting.held_on)
    title = writer.say(FOR_FAMILIES, day=day) if writer.is_families else writer.say(N_("Minutes: {day}"), day=day)
    subtitle = (
        school if writer.is_families else " · ".join(part for part in (writer.own(view.meeting.title), school) if part)
    )
    return whole(writer, title, subtitle, sections, school=school, today=today)


def _for_staff(writer: Writer, view: MeetingView) -> list[Section | None]:
    notes = [(writer.own(item.item.text), writer.own(item.item.notes)) for item in view.items if item.item.notes]
    acts = [
        " · ".join(part for part in (writer.own(line.item.text), line.owner, writer.day(line.item.due)) if part)
        for line in view.actions
    ]
    came = [person.name for person in view.people if person.came]
    return [
        section(writer.say(N_("To do")), Bullets(acts, own=True)),
        section(writer.say(N_("Notes")), Facts(notes)),
        section(writer.say(N_("Who was there")), Text(", ".join(came))),
        section(writer.say(N_("Closing reflection")), Text(writer.own(view.meeting.closing), own=True)),
    ]
