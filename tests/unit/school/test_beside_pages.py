"""Comments, files, notices and the bin, through pages and API, in one world."""

import base64
import io
import zipfile
from typing import Any

import pytest
from aiohttp import FormData
from sqlalchemy import func, select

from nic_node.accounts.tables import Person
from nic_node.config import read_config
from nic_node.errors import InvalidInput
from nic_node.mail.jobs import note_sent
from nic_node.mail.tables import Mail
from nic_node.school.discussion import kinds_of_file
from nic_node.school.discussion.kinds_of_file import media_type_of
from nic_node.school.discussion.mentions import read_mentions
from nic_node.school.discussion.tables import AttachedFile
from nic_node.school.jobs import prune
from nic_node.school.notices.jobs import mail_notices
from tests.unit.accounts.stage import PASSWORD, join
from tests.unit.school.conftest import Stage
from tests.unit.school.measures.pages import shown

PDF = b"%PDF-1.7 x"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def office(*names: str, size: int = 1) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, b"0" * size)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("Minutes.PDF", PDF, "application/pdf"),
        ("board.csv", b"day,present\n", "text/plain"),
        ("plan.docx", office("word/document.xml"), "wordprocessingml.document"),
        ("photo.pdf", PNG, "Its content is PNG"),
        ("run.pdf", b"MZ\x90\x00\x03", "none of the kinds"),
        ("plan.docx", b"PK\x03\x04 and nothing", "none of the kinds"),
        ("plan.docx", office("notes/document.xml"), "none of the kinds"),
        ("plan.xlsx", office("xl/workbook.xml", "xl/vbaProject.bin"), "macros"),
        ("plan.xlsx", office("xl/a", "xl/b", size=2000), "unpacks to more"),
        ("page.html", b"<script>alert(1)</script>", "Its content is TXT"),
        ("nul.txt", b"a\x00b", "none of the kinds"),
    ],
)
def test_a_file_is_what_its_content_says(monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, says: str) -> None:
    monkeypatch.setattr(kinds_of_file, "MOST_UNPACKED", 3000)
    try:
        found = media_type_of(name, content)
    except InvalidInput as refused:
        found = refused.fields["file"][0]
    assert says in found


def test_a_mention_is_a_whole_name_or_a_first_name_that_one_has() -> None:
    people = {1: "Ada Field", 2: "Jin Park", 3: "Jin Parker", 4: "Tea Cher"}
    assert read_mentions("@Jin Parker, ask @ada; write to x@tea.example", people) == {1, 3}
    assert read_mentions("@jin park's idea", people) == {2}
    for text, says in (("@Jin?", "More than one here is called Jin"), ("See @Bob", "Nobody here is called Bob")):
        with pytest.raises(InvalidInput) as refused:
            read_mentions(text, people)
        assert says in refused.value.fields["text"][0]


async def attach(stage: Stage, name: str, content: bytes) -> tuple[int, str]:
    at = f"/beside/project/{stage.project_id}/files"
    form = FormData()
    form.add_field("csrf_token", stage.browser._token)
    form.add_field("file", io.BytesIO(content), filename=name)
    answer = await stage.browser.client.post(at, data=form, allow_redirects=False, headers={"Accept": "text/html"})
    return answer.status, await answer.text()


async def test_what_is_written_beside_the_work_reaches_whom_it_names(stage: Stage) -> None:
    jin = await join(stage.database, stage.clock, "jin@school.example", "teacher", name="Jin Park")
    at = f"/beside/project/{stage.project_id}"
    await shown(stage, at)
    assert "Nobody here is called Bob" in await (await stage.browser.send(f"{at}/comments", {"text": "@Bob"})).text()
    sent = await stage.browser.send(f"{at}/comments", {"text": "@Jin: the bus again?"})
    assert sent.headers["Location"] == f"/projects/{stage.project_id}#beside"
    assert (await attach(stage, "lie.pdf", PNG))[0] == 422
    assert (await attach(stage, "big.txt", b"a" * (5 * 1024 * 1024 + 1)))[0] == 422
    for name in ("bus.pdf", "again.pdf"):
        assert (await attach(stage, name, PDF))[0] == 303
    page = await (await stage.browser.client.get(at, headers={"HX-Request": "true"})).text()
    assert "<html" not in page
    assert "the bus again?" in page
    file = await stage.browser.client.get("/files/1")
    assert (await file.read(), file.content_type) == (PDF, "application/pdf")
    assert file.headers["Content-Disposition"].startswith("attachment;")
    document = {"name": "api.pdf", "content": base64.b64encode(PDF).decode()}
    assert (await stage.browser.call("POST", f"{at}/files", document)).status == 201
    lie = await stage.browser.call("POST", f"{at}/files", document | {"content": base64.b64encode(b"MZ").decode()})
    assert (lie.status, list((await lie.json())["fields"])) == (422, ["content"])
    async with stage.database.writing() as session:
        assert await session.scalar(select(func.count()).select_from(AttachedFile)) == 1
        assert await mail_notices(session, read_config(stage.folder, {}), now=stage.clock()) == 1
        mail = (await session.scalars(select(Mail))).one()
        assert (mail.to_address, mail.subject) == (jin.email, "Ada Field mentions you: Breakfast check-in")
    await stage.browser.sign_in("jin@school.example", PASSWORD)
    assert "the bus again?" in await shown(stage, "/notices")
    choices = {"mention": "none", "comment": "here", "action": "here"}
    assert (await stage.browser.send("/notices", choices)).status == 303
    assert (await stage.browser.send("/notices", {**choices, "mention": "loudly"})).status == 422
    assert (await stage.browser.send("/notices/read")).status == 303
    refused = await stage.browser.send("/bin/comment/1")
    assert refused.status == 403
    # What one took back oneself is nobody else's to read or to put back, but the principal's.
    await stage.browser.sign_in("ada@school.example", PASSWORD)
    assert (await stage.browser.send("/bin/comment/1")).status == 303
    async with stage.database.reading() as session:
        assert list(await session.scalars(select(Mail))) == []  # it had not gone out, and never will
    await stage.browser.sign_in("jin@school.example", PASSWORD)
    assert "the bus again?" not in await shown(stage, "/bin")
    told = await shown(stage, "/notices")
    assert ("Ada Field mentions you" in told, "the bus again?" in told) == (True, False)
    assert (await stage.browser.send("/bin/1/restore")).status == 403
    assert (await stage.browser.call("POST", f"{at}/comments", {"text": "Mine."})).status == 201
    assert (await stage.browser.send("/bin/comment/1")).status == 303
    assert [one["label"] for one in (await (await stage.browser.call("GET", "/bin")).json())["items"]] == ["Mine."]
    assert (await stage.browser.send("/bin/2/restore")).status == 303
    await stage.browser.sign_in("ada@school.example", PASSWORD)
    assert (await stage.browser.send("/bin/1/restore")).status == 303
    await stage.browser.send(f"{at}/comments", {"text": "@Jin: and again"})
    given = {"text": "ask the city", "owner_id": jin.id}
    await stage.browser.call("POST", "/actions", given)
    await stage.browser.sign_in("jin@school.example", PASSWORD)
    notices = await (await stage.browser.call("GET", "/notices")).json()
    assert [(one["kind"], one["about"], bool(one["read_at"])) for one in notices["items"]] == [
        ("action", "ask the city", False),
        ("mention", "Breakfast check-in", True),
    ]


async def test_an_e_mail_of_a_comment_that_is_taken_back_keeps_no_word_of_it(stage: Stage) -> None:
    await join(stage.database, stage.clock, "jin@school.example", "teacher", name="Jin Park")
    at = f"/beside/project/{stage.project_id}"

    async def written() -> int:
        async with stage.database.writing() as session:
            return await mail_notices(session, read_config(stage.folder, {}), now=stage.clock.forward(seconds=1))

    await stage.browser.send(f"{at}/comments", {"text": "@Jin: the bus again?"})
    assert await written() == 1
    async with stage.database.writing() as session:
        note_sent((await session.scalars(select(Mail))).one(), stage.clock())
    await stage.browser.send(f"{at}/comments", {"text": "@Jin: and the train?"})
    for comment in (1, 2):
        assert (await stage.browser.send(f"/bin/comment/{comment}")).status == 303
    # The one that went out leaves no copy here; the other was still to be written, and nobody hears of it.
    await stage.browser.send(f"{at}/comments", {"text": "@Jin: stays"})
    assert await written() == 1
    async with stage.database.reading() as session:
        sent, waits = await session.scalars(select(Mail).order_by(Mail.id))
    assert (sent.state, sent.text, sent.html) == ("sent", "", "")
    assert "stays" in waits.text


async def test_what_is_removed_comes_back_as_it_was_for_thirty_days(stage: Stage) -> None:
    async def call(method: str, path: str, document: Any = None) -> Any:
        answer = await stage.browser.call(method, path, document)
        assert answer.status < 300, await answer.text()
        return await answer.json()

    day = str(stage.clock().date())
    await shown(stage, "/bin")
    meeting = {
        "title": "Team",
        "held_on": day,
        "minutes": 30,
        "agenda": [{"text": "Buses", "minutes": 5}],
        "people": [1],
    }
    await call("POST", "/meetings", meeting)
    await call("POST", "/beside/meeting/1/comments", {"text": "Too short."})
    before = await call("GET", "/meetings/1")
    removed = await stage.browser.send("/bin/meeting/1")
    assert removed.headers["Location"] == "/meetings"
    assert (await stage.browser.get("/meetings/1")).status == 404
    await call("POST", "/meetings", meeting | {"title": "Other", "agenda": []})  # takes the id of the first
    page = await shown(stage, "/bin")
    assert "Team" in page
    assert "removed by Ada Field" in page
    back = await stage.browser.send("/bin/1/restore")
    assert back.headers["Location"] == "/meetings/2"
    after = await call("GET", "/meetings/2")
    assert {**after, "items": []} == {**before, "id": 2, "items": []}
    assert [one["text"] for one in after["items"]] == [one["text"] for one in before["items"]] == ["Buses"]
    assert [one["text"] for one in (await call("GET", "/beside/meeting/2"))["comments"]] == ["Too short."]
    assert (await stage.browser.send("/bin/1/restore")).status == 404
    # What others hang on stays, and says so.
    await call("POST", "/actions", {"line": "Call", "project_id": stage.project_id})
    kept = await stage.browser.call("DELETE", f"/bin/project/{stage.project_id}")
    assert (kept.status, "action items hang on it" in await kept.text()) == (409, True)
    # A number whose day was taken meanwhile.
    measure = await stage.add_measure()
    number = {"period": day, "value": 91.0}
    made = await call("POST", f"/measures/{measure}/observations", number)
    await stage.browser.call("DELETE", f"/measures/{measure}/observations/{made['id']}?version={made['version']}")
    await call("POST", f"/measures/{measure}/observations", number)
    lines = (await call("GET", "/bin"))["items"]
    assert [(one["kind"], one["label"]) for one in lines] == [("Number", f"Daily attendance, {day}")]
    taken = await stage.browser.call("POST", f"/bin/{lines[0]['id']}/restore")
    assert (taken.status, "Its place is taken" in await taken.text()) == (409, True)
    stage.clock.forward(days=31)
    async with stage.database.writing() as session:
        await prune(session, zone="America/New_York", now=stage.clock())
    await stage.browser.sign_in("ada@school.example", PASSWORD)
    assert (await call("GET", "/bin"))["items"] == []
    assert (await stage.browser.call("POST", f"/bin/{lines[0]['id']}/restore")).status == 404


async def test_bad_input_says_what_to_do_and_changes_nothing_by_half(stage: Stage) -> None:
    day, project = str(stage.clock().date()), stage.project_id
    measure = await stage.add_measure()
    planned = {"project": str(project), "question": "Who is late?", "starts_on": day, "measure_id": str(measure)}
    await shown(stage, f"/cycles/new?project={project}")
    assert (await stage.browser.send("/cycles/new", dict(planned))).status == 303
    # A measure that a cycle uses is not removed.
    kept = await stage.browser.send(f"/measures/{measure}/remove", {"version": "1"})
    assert (kept.status, "cycles hang on it" in await kept.text()) == (409, True)
    by_program = await stage.browser.call("DELETE", f"/measures/{measure}?version=1")
    assert (by_program.status, "cycles hang on it" in await by_program.text()) == (409, True)
    # Two tabs save the same cycle: the second keeps what was typed and sees what stands there.
    one, other = [{**planned, "project": "", "did": did, "version": "1"} for did in ("Six came", "Nine came")]
    assert (await stage.browser.send("/cycles/1", dict(one))).status == 303
    second = await stage.browser.send("/cycles/1", dict(other))
    text = await second.text()
    assert (second.status, "Saved meanwhile:" in text, "Six came" in text, "Nine came" in text) == (409, *[True] * 3)
    # The same of a project, which is then closed in both.
    tabs = [{"title": title, "starts_on": "2026-09-14", "version": "1"} for title in ("Breakfast", "Lunch")]
    assert (await stage.browser.send(f"/projects/{project}/edit", dict(tabs[0]))).status == 303
    second = await stage.browser.send(f"/projects/{project}/edit", dict(tabs[1]))
    text = await second.text()
    assert (second.status, "Saved meanwhile:" in text, 'value="Lunch"' in text) == (409, True, True)
    closing = {"decision": "adopt", "closed_on": day, "early_because": "Enough is known.", "version": "2"}
    assert (await stage.browser.send(f"/projects/{project}/close", dict(closing))).status == 303
    twice = await stage.browser.send(f"/projects/{project}/close", {**closing, "decision": "abandon", "version": "3"})
    assert twice.status == 409
    body = {"decision": "abandon", "closed_on": day, "early_because": "Enough is known.", "version": 3}
    by_program = await stage.browser.call("POST", f"/projects/{project}/close", body)
    assert (by_program.status, "closed" in await by_program.text()) == (409, True)
    assert (await (await stage.browser.call("GET", f"/projects/{project}")).json())["decision"] == "adopt"
    # Whoever left is named as such, and gets nothing new.
    jin = await join(stage.database, stage.clock, "jin@school.example", "teacher", name="Jin Park")
    await stage.browser.call("POST", "/actions", {"text": "Ask the city", "owner_id": jin.id})
    async with stage.database.writing() as session:
        left = await session.get(Person, jin.id)
        left.active = False
    assert "Jin Park" in await shown(stage, "/actions?show=all")
    refused = await stage.browser.call("POST", "/actions", {"text": "Again", "owner_id": jin.id})
    assert (refused.status, "Choose somebody who has an account" in await refused.text()) == (422, True)


async def test_a_projects_page_draws_its_driver_diagram(stage: Stage) -> None:
    at, drivers = f"/projects/{stage.project_id}", f"/projects/{stage.project_id}/drivers"
    assert "Why we think it works" not in await shown(stage, at)
    assert (await stage.browser.send(drivers, {"text": "Sleep <long>", "level": "primary"})).status == 303
    page = await shown(stage, at)
    assert ("Why we think it works" in page, f'hx-get="{drivers}"' in page) == (True, True)
    part = await (await stage.browser.client.get(drivers, headers={"HX-Request": "true"})).text()
    assert ("<html" in part, part.count("<svg"), "Sleep &lt;long&gt;" in part) == (False, 2, True)
