"""Pages in the language that a person chose, else in the one that the browser asks for; e-mails likewise."""

import pytest
from sqlalchemy import select

from nic_node.mail.tables import Mail
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
