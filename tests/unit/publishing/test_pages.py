"""Share in a browser: each page, its forms, and what they say when something is wrong."""

import re
from io import BytesIO

from sqlalchemy import select

from nic_node.mirror.acks import READ_EVERY
from nic_node.publishing.sealing import open_document
from nic_node.publishing.tables import RosterRow
from schemas.canonical import canonical_bytes
from tests.unit.publishing.conftest import Site
from tests.unit.publishing.oneroster_zips import SECRETS, version_1_1, zipped

MESSY = {
    "problem_statement": "In advisory, Mr. Castellanos at Rivermouth School began homework on January 12.",
    "idea_summary": "We borrowed the board from Beacon Hour.",
    "lessons": {"worked": "The only Tagalog-speaking family in grade 7 asked for the list."},
}


async def test_empty_states_teach(site: Site) -> None:
    page = await site.ada.text("/share")
    assert "Nothing to share yet" in page
    assert "in no network yet" in page


async def test_from_a_closed_project_to_the_log(site: Site) -> None:
    world = site.world
    await world.open_epoch()
    project_id = await world.closed_project(**MESSY)
    assert "See what would leave" in await site.ada.text("/share")
    made = await site.ada.send(f"/share/projects/{project_id}")
    at = made.headers["Location"]
    shown = await site.ada.text(at)
    assert "Something blocks this draft" in shown
    assert "Send to a second person" not in shown
    reword = {"path": "/lessons/worked", "text": "Lists at home helped.", "version": "1"}
    assert (await site.ada.send(f"{at}/reword", reword)).status == 303
    assert (await site.ada.send(f"{at}/reword", reword)).status == 422
    page = await site.ada.text(at)
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    assert (await site.ada.send(f"{at}/send", {"version": version})).status == 303
    await review(site, at)
    await world.slot()
    assert "final" in await site.ada.text("/share")
    page = await site.ada.text(at)
    assert "Unwitnessed" in page
    assert "Which record is yours, your node keeps for itself" in page


async def review(site: Site, at: str) -> None:
    page = await site.ben.text(f"{at}/review")
    assert "You decide what leaves" in page
    assert "who recognises it in one of these knows the others" in page
    assert f'<mark class="roster">Mr. Castellanos<sup><a href="{at}/review#finding-1">1</a></sup></mark>' in page
    assert "Why was this changed?" in page
    assert "It stands on your school’s roster" in page
    assert "[our school]" in page
    choices = re.findall(r'name="choice" value="([^"]+:programme)"', page)
    assert (await site.ben.send(f"{at}/decide", {"choice": choices[0]})).status == 303
    assert (await site.ben.send(f"{at}/decide", {"choice": "all:accept"})).status == 303
    page = await site.ben.text(f"{at}/review")
    sha256 = re.findall(r'name="sha256" value="(\w{64})"', page)[0]
    wrong = await site.ben.send(f"{at}/approve", {"sha256": sha256, "confirmation": "nobody can be"})
    said = await wrong.text()
    assert wrong.status == 422
    assert "Answer the question." in said
    answers = {"sha256": sha256, "names_anyone": "yes", "confirmation": "nobody can be"}
    wrong = await site.ben.send(f"{at}/approve", answers)
    assert 'value="nobody can be"' in await wrong.text()
    answers |= {"names_anyone": "no", "confirmation": "nobody can be named"}
    assert (await site.ben.send(f"{at}/approve", answers)).status == 303


async def test_who_may_what(site: Site) -> None:
    draft_id = await site.world.drafted(await site.world.closed_project())
    for path in ("/share", f"/share/{draft_id}", f"/share/{draft_id}/review", "/share/roster"):
        assert (await site.cem.get(path)).status == 403
    assert (await site.ben.get("/share/roster")).status == 403
    page = await site.ada.text(f"/share/{draft_id}/review")
    assert "never its author" in page
    assert "Approve and publish" not in page
    assert (await site.ada.send(f"/share/{draft_id}/decide", {"choice": "all:accept"})).status == 403
    assert (await site.ada.get("/share/99")).status == 404
    assert (await site.ada.get(f"/share/{draft_id}/reword?path=/nowhere")).status == 404


async def test_a_form_without_its_token_does_nothing(site: Site) -> None:
    project_id = await site.world.closed_project()
    response = await site.ada.send(f"/share/projects/{project_id}", {"csrf_token": ""})
    assert response.status == 403


async def test_a_decision_that_makes_no_sense(site: Site) -> None:
    draft_id = await site.world.drafted(await site.world.closed_project(**MESSY))
    await site.ben.get(f"/share/{draft_id}/review")
    assert (await site.ben.send(f"/share/{draft_id}/decide", {"choice": "0123456789abcdef:accept"})).status == 409
    blocked = next(item for item in (await site.world.preview(draft_id)).items if item.severity == "block")
    assert (await site.ben.send(f"/share/{draft_id}/decide", {"choice": f"{blocked.key}:accept"})).status == 422
    leads = await site.ben.send(f"/share/{draft_id}/decide", {"choice": f"{blocked.key}:reword"})
    assert leads.headers["Location"].endswith("reword?path=/lessons/worked")


async def test_sending_back_taking_back_and_dropping(site: Site) -> None:
    await site.world.join()
    draft_id = await site.world.drafted(await site.world.closed_project())
    page = await site.ben.text(f"/share/{draft_id}/review")
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    note = {"version": version, "note": "Say less."}
    assert (await site.ben.send(f"/share/{draft_id}/return", note)).status == 303
    page = await site.ada.text(f"/share/{draft_id}")
    assert "Say less." in page
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    site.world.clock.forward(seconds=1)
    assert (await site.ada.send(f"/share/{draft_id}/renew", {"version": version})).status == 303
    assert (await site.ada.send(f"/share/{draft_id}/drop", {"version": version})).status == 409
    page = await site.ada.text(f"/share/{draft_id}")
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    assert (await site.ada.send(f"/share/{draft_id}/drop", {"version": version})).status == 303
    assert (await site.ada.get(f"/share/{draft_id}")).status == 404


async def test_the_roster_is_filled_and_never_shown(site: Site) -> None:
    await site.ada.get("/share/roster")
    assert (await site.ada.send("/share/roster", {"text": ""})).status == 422
    assert (await site.ada.send("/share/roster", {"text": "Vang, Kou\nRivera, Ana\nOkafor, Ife"})).status == 303
    page = await site.ada.text("/share/roster")
    assert "3 names" in page
    assert "Rivera" not in page


async def test_of_a_oneroster_zip_only_names_and_roles_are_stored(site: Site) -> None:
    await site.ada.get("/share/roster")
    assert (await site.ada.send("/share/roster", {"file": BytesIO(zipped(classes="title\n"))})).status == 422
    assert (await site.ada.send("/share/roster", {"file": BytesIO(version_1_1())})).status == 303
    assert "4 names" in await site.ada.text("/share/roster")
    async with site.world.database.reading() as session:
        row = (await session.scalars(select(RosterRow))).one()
    kept = open_document(site.world.node.operator_key, row.sealed, context="publishing.roster")
    assert kept["entries"][0] == ["Vargas Peña, Marisol Inés", "PERSON", "student"]
    assert not [secret for secret in SECRETS if secret in repr(kept)]
    assert b"Marisol" not in row.sealed


async def test_withdrawing_says_what_each_way_shows_and_is_done_once(site: Site) -> None:
    await site.world.open_epoch()
    draft_id = await site.world.approved()
    assert (await site.ada.get(f"/share/{draft_id}/withdraw")).status == 404
    await site.world.slot()
    page = await (await site.ada.get(f"/share/{draft_id}/withdraw")).text()
    assert "Nobody sees who took it back" in page
    assert "At once, in the open" in page
    assert "all else your school shared, asked, answered or flagged in that term is yours too" in page
    assert (await site.ada.send(f"/share/{draft_id}/withdraw", {"way": "by-pigeon"})).status == 422
    assert (await site.ada.send(f"/share/{draft_id}/withdraw", {"way": "slot"})).status == 303
    assert "being withdrawn" in await (await site.ada.get(f"/share/{draft_id}")).text()
    assert (await site.ada.send(f"/share/{draft_id}/withdraw", {"way": "slot"})).status == 409
    assert "Withdraw it at once" in await site.ada.text(f"/share/{draft_id}")
    page = await site.ada.text(f"/share/{draft_id}/withdraw")
    assert ("In one of the next slots" in page, "At once, in the open" in page) == (False, True)
    await site.world.slot()
    page = await (await site.ada.get(f"/share/{draft_id}")).text()
    assert "Every member erases it within 24 hours" in page
    assert "As readers saw it" in page
    told = await (await site.ada.call("GET", f"/drafts/{draft_id}")).json()
    assert told["withdrawal"] == "gone"
    assert told["erased"] == {"promised": 0, "members": 7, "missing": 7, "as_of": told["erased"]["as_of"]}

    site.world.clock.forward(seconds=READ_EVERY.total_seconds())
    everything = len(site.world.network.log.entries)
    promised = dict.fromkeys([site.world.node.entity_id, *site.world.network.relays], everything)
    site.world.network.bodies["acks"] = ("application/json", canonical_bytes(promised))
    await site.world.follow()
    page = await (await site.ada.get(f"/share/{draft_id}")).text()
    assert "4 of 7 members have promised to have erased it" in page
    assert site.world.network.relays[0] not in page


async def test_a_shared_practice_is_corrected_from_its_page(site: Site) -> None:
    world = site.world
    await world.open_epoch()
    draft_id = await world.approved()
    at = f"/share/{draft_id}"
    await site.ada.get("/share")
    assert (await site.ada.send(f"{at}/correct")).status == 409
    await world.slot()
    assert "Correct it" in await site.ada.text(at)
    assert (await site.ada.send(f"{at}/correct")).status == 303
    page = await site.ada.text(at)
    assert "What would take its place" in page
    assert "As others read it now" in page
    assert "it shows that your school is still a member" in page
    assert "Withdraw it instead" in page
    assert (await site.ada.get(f"{at}/withdraw")).status == 200
    reword = {"path": "/lessons/worked", "text": "Lists at home helped.", "version": "3"}
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    assert (await site.ada.send(f"{at}/reword", reword | {"version": version})).status == 303
    version = re.findall(r'name="version" value="(\d+)"', await site.ada.text(at))[0]
    assert (await site.ada.send(f"{at}/send", {"version": version})).status == 303
    assert '<mark class="ask">Students started at once.' in await site.ben.text(f"{at}/review")
    await world.decide_all(draft_id)
    await world.approve(draft_id)
    for _ in range(2):
        await world.slot()
    assert "This is version 2." in await site.ada.text(at)
    told = await (await site.ada.call("GET", f"/drafts/{draft_id}")).json()
    assert (told["number"], told["shared"], told["state"]) == (2, "", "final")


async def test_its_author_reads_why_it_was_taken_down_or_refused(site: Site) -> None:
    world = site.world
    await world.open_epoch()
    draft_id = await world.approved()
    await world.slot()
    log = world.network.log
    index = len(log.entries) - 1
    log.append(log.moderate(index))
    await world.follow()
    await site.ada.get("/share")
    page = await site.ada.text(f"/share/{draft_id}")
    assert "A person or a school could be recognized." in page
    assert "You can correct it" in page
    assert "Not read by others any more" in await site.ada.text("/share")
    assert (await site.ada.send(f"/share/{draft_id}/correct")).status == 303


async def test_a_practice_is_flagged_from_its_page(site: Site) -> None:
    world = site.world
    await world.open_epoch()
    index = world.network.log.publish("ada")
    await world.pull()
    record = world.network.log.record_id(index).replace("#", "%23")
    page = await site.ada.text(f"/share/flags/{record}")
    assert "Numbers contradict each other" in page
    assert "every member’s node gets it, also that of the school which wrote this" in page
    wrong = await site.ada.send(f"/share/flags/{record}", {})
    assert (wrong.status, "Choose what is wrong with it." in await wrong.text()) == (422, True)
    assert (await site.ada.send(f"/share/flags/{record}", {"code": "wrong-data"})).status == 303
    flagged = await site.ada.text(f"/share/flags/{record}")
    assert "Your school flagged this" in flagged
    assert "taken back now, nothing ever does" in flagged
    again = await site.ada.send(f"/share/flags/{record}", {"code": "harmful"})
    assert again.status == 422
    (flag,) = (await (await site.ada.call("GET", "/flags")).json())["items"]
    assert (flag["code"], flag["state"]) == ("wrong-data", "queued")
    assert (await site.ada.send(f"/share/unflag/{record}")).status == 303
    await site.ada.send(f"/share/flags/{record}", {"code": "harmful"})
    await world.slot()
    assert "nobody sees who did it" in await site.ada.text(f"/share/flags/{record}")
    assert (await site.ada.send(f"/share/unflag/{record}")).status == 303
    await world.slot()
    (flag,) = (await (await site.ada.call("GET", "/flags")).json())["items"]
    assert (flag["code"], flag["withdrawal"]) == ("harmful", "gone")
