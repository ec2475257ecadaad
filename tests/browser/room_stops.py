"""Every page of the school's rooms, in the state that tests/browser/room_stage.py leaves."""

from tests.browser.stop import NOBODY, Stop


def in_room(path: str) -> Stop:
    """`path` with the ids of `Stage.rooms` filled in."""
    return Stop(address=lambda seen: path.format(**seen.stage.rooms))


ROOM_STOPS: dict[str, Stop] = {
    "today.reach": Stop(address="/today/reach"),
    "today.off": Stop(address="/today/off/1-a", who=NOBODY),
    "app.rooms": Stop(address="/rooms"),
    "bin.show": Stop(address="/bin"),
    "notices.show": Stop(address="/notices"),
    "discussion.show": in_room("/beside/project/{project}"),
    "search.show": Stop(address="/search?q=gym", also=("/search", "/search?q=nothing+at+all")),
    "actions.index": Stop(address="/actions?show=all", also=("/actions?show=done",)),
    "actions.edit": in_room("/actions/{action}"),
    "assessment.index": Stop(address="/self-assessment"),
    "assessment.new": Stop(address="/self-assessment/new"),
    "assessment.show": in_room("/self-assessment/{assessment}"),
    "team.show": Stop(address="/team"),
    "team.new_member": Stop(address="/team/members/new"),
    "team.member": in_room("/team/members/{member}"),
    "visits.show": in_room("/projects/{project}/visits"),
    "coaching.index": Stop(address="/coaching"),
    "coaching.count": Stop(address="/coaching/count"),
    "coaching.show": in_room("/coaching/{coaching}"),
    "coaching.note": in_room("/coaching/notes/{coaching_note}"),
    "pulse.index": Stop(address="/pulse"),
    "pulse.new": Stop(address="/pulse/new"),
    "pulse.show": in_room("/pulse/{pulse}"),
    "pulse.own": in_room("/pulse/{pulse}/answer"),
    "pulse.answer": Stop(address=lambda seen: f"/pulse/answer/{seen.stage.rooms['pulse_link']}", who=NOBODY),
    "reflection.index": Stop(address="/reflection"),
    "reflection.new": Stop(address="/reflection/new"),
    "reflection.edit": in_room("/reflection/{reflection}"),
    "returns.show": Stop(address="/return"),
    "returns.inputs": in_room("/projects/{project}/inputs"),
    "handover.show": Stop(address="/handover"),
    "communication.index": Stop(address="/messages"),
    "communication.new": Stop(address="/messages/new"),
    "communication.show": in_room("/messages/{message}"),
    "communication.edit": in_room("/messages/{message}/edit"),
    "advice.show": in_room("/projects/{project}/advice"),
    "communities.index": Stop(address="/communities"),
    "communities.new": Stop(address="/communities/new"),
    "communities.show": in_room("/communities/{community}"),
    "communities.edit": in_room("/communities/{community}/edit"),
    "meetings.index": Stop(address="/meetings"),
    "meetings.new": Stop(address="/meetings/new"),
    "meetings.show": in_room("/meetings/{meeting}"),
    "meetings.edit": in_room("/meetings/{meeting}/edit"),
    "meetings.item": in_room("/meetings/items/{item}"),
    "meetings.minutes": in_room("/meetings/{held}/minutes"),
    "meetings.paste": in_room("/meetings/{meeting}/paste"),
}
