"""Pages in the language that a person chose, else in the one that the browser asks for; e-mails likewise."""

import pytest
from aiohttp import FormData
from sqlalchemy import select

from nic_node.i18n import N_, filled, say, translations
from nic_node.mail.tables import Mail
from nic_node.school.meetings.agenda import AgendaLine, spoken
from nic_node.today.asks import Ask
from nic_node.web.language import language_asked
from tests.unit.school.conftest import Stage

SPANISH = {"Accept": "text/html", "Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("es-MX,es;q=0.9,en;q=0.5", "es"),
        ("fr, en;q=0.4, es;q=0.7", "es"),
        ("en-US,es", "en"),
        ("es;q=0, en;q=0.1", "en"),
        ("fr-CA", ""),
        ("", ""),
        ("es;q=x,,;q=1,", ""),
    ],
)
def test_the_first_of_ours_that_a_browser_names(header: str, language: str) -> None:
    assert language_asked(header) == language


async def test_a_page_its_errors_and_what_was_done_speak_as_asked(stage: Stage) -> None:
    browser = stage.browser
    page = await (await browser.client.get("/plan", headers=SPANISH)).text()
    assert '<html lang="es"' in page
    assert "Empiece con la única meta para dos años" in page
    await browser.get("/plan")
    empty = {"csrf_token": browser._token, "horizon": "annual", "title": "", "state": "active"}
    refused = await browser.client.post("/plan/goals/new", data=empty, headers=SPANISH, allow_redirects=False)
    assert refused.status == 422
    assert "Escriba la meta en una frase." in await refused.text()
    done = await browser.client.post(
        "/plan/goals/new", data=empty | {"title": "Leer {más}"}, headers=SPANISH, allow_redirects=False
    )
    assert done.status == 303
    page = await (await browser.client.get("/plan", headers=SPANISH)).text()
    assert "La meta está agregada." in page
    assert "Leer {más}" in page
    nothing = await browser.client.get("/plan/goals/999", headers=SPANISH)
    assert "No hay tal meta." in await nothing.text()


async def test_what_is_put_together_with_a_value_is_spanish_too(stage: Stage) -> None:
    """And English to a program, whatever its person reads."""
    await stage.browser.get("/plan")
    form = {"csrf_token": stage.browser._token, "title": "Otoño", "audience": "staff", "asked": "4", "own": "x" * 201}
    refused = await stage.browser.client.post("/pulse/new", data=form, headers=SPANISH, allow_redirects=False)
    assert "Pregunte a 5 personas o más: de menos no se puede decir nada." in await refused.text()
    asked = {"title": "Fall", "audience": "staff", "asked": 4, "opens_on": "2026-10-27", "closes_on": "2026-10-28"}
    body = asked | {"items": [{"construct": "own", "text": "Tea?"}]}
    told = await (await stage.browser.call("POST", "/pulse", body, **{"Accept-Language": "es"})).json()
    assert told["fields"]["asked"] == ["Ask 5 people or more: of fewer nothing may be told."]
    attached = FormData({"csrf_token": stage.browser._token})
    attached.add_field("file", b"%PDF-1.7 x", filename="a.png")
    at = f"/beside/project/{stage.project_id}/files"
    refused = await stage.browser.client.post(at, data=attached, headers=SPANISH)
    assert "Su contenido es PDF, pero su nombre no termina en .pdf." in await refused.text()


async def test_a_cycle_s_words_and_a_proposed_agenda_are_spanish(stage: Stage) -> None:
    at = f"/projects/{stage.project_id}"
    cycle = {"question": "Do they come?", "prediction": "6 of 8 come", "studied": "3 came", "starts_on": "2026-10-20"}
    made = await stage.browser.call("POST", f"{at}/cycles", {"question": cycle["question"], "starts_on": "2026-10-20"})
    document = await made.json()
    changed = {name: cycle[name] for name in ("prediction", "studied")} | {"version": document["version"]}
    assert (await stage.browser.call("PATCH", f"/cycles/{document['id']}", changed)).status == 200
    page = await (await stage.browser.client.get(at, headers=SPANISH)).text()
    assert "Previsto: 6 of 8 come. Visto: 3 came." in page
    proposed = await (await stage.browser.client.get("/meetings/new", headers=SPANISH)).text()
    # An agenda is kept for everybody: it speaks the school's language, and its topics stay what they are.
    assert "Welcome, norms" in proposed
    lines = [
        AgendaLine(text=filled(N_("{title}: mid-way check"), title="Tea"), minutes=5),
        AgendaLine(text="x", minutes=1),
    ]
    assert [line.text for line in spoken(lines, "es")] == ["Tea: revisión a mitad de camino", "x"]


def test_what_it_is_time_for_is_said_whole() -> None:
    about = filled(N_("{title}, day {day}"), title="Té {verde}", day=90)
    ask = Ask(says=N_("Did it hold? {about}"), about=about, route="advice.show")
    assert ask.said == "Did it hold? Té {verde}, day 90"
    assert say(ask.said, translations("es")).endswith("Té {verde}, día 90")


async def test_what_a_person_chose_goes_before_the_browser_and_for_e_mails(stage: Stage) -> None:
    browser = stage.browser
    await browser.get("/account")
    assert (await browser.send("/account/language", {"language": "en"})).status == 303
    assert '<html lang="en"' in await (await browser.client.get("/account", headers=SPANISH)).text()
    assert (await browser.send("/account/language", {"language": "xx"})).status == 422
    me = await (await browser.call("PUT", "/accounts/me/language", {"language": "es"})).json()
    assert me["language"] == "es"
    assert "Su cuenta" in await (await browser.get("/account")).text()
    message = {"title": "Tea", "audience": "staff", "body": "Tea is at the gate."}
    written = await (await browser.call("POST", "/communication", message)).json()
    assert (await browser.call("POST", f"/communication/{written['id']}/send")).status == 200
    async with stage.database.reading() as session:
        mail = (await session.scalars(select(Mail))).one()
    assert "Como página: http" in mail.text
    assert (await browser.call("PUT", "/accounts/me/language", {"language": ""})).status == 200
    assert '<html lang="es"' in await (await browser.client.get("/account", headers=SPANISH)).text()
