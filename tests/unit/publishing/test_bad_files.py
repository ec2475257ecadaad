"""Exports and directories that lie about their type or unpack to too much: refused in words, and nothing is kept."""

from base64 import b64encode
from io import BytesIO

import pytest
from sqlalchemy import func, select

from nic_node.accounts.tables import Person
from nic_node.publishing import oneroster
from nic_node.publishing.tables import DirectoryRow, RosterRow
from tests.unit.publishing import conftest
from tests.unit.publishing.conftest import Site
from tests.unit.publishing.oneroster_zips import zipped

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
NO_ZIP = "This zip can't be read: it is damaged or has a password. Export it again."
TOO_LARGE = "A table in this zip is larger than 50 MB. Export the users of your school alone."
NO_CSV = "This is not a CSV file: it holds binary data. Save it as CSV and try again."
FILES = [
    # content, what is said of it as a roster and as records
    (PICTURE, "This file is not text in UTF-8. Save it as CSV (UTF-8) and bring it again.", NO_ZIP),
    (b"PK\x03\x04" + PICTURE, NO_ZIP, NO_ZIP),
    (zipped(users="givenName,familyName\n" + "Kou,Vang\n" * 5000), TOO_LARGE, TOO_LARGE),
]


async def test_each_upload_says_what_to_do_by_page_and_by_program(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oneroster, "LARGEST_MEMBER", 1000)
    name, roles = conftest.ROLES[1]
    monkeypatch.setitem(conftest.ROLES, 1, (name, {*roles, "administrator"}))
    await site.ada.get("/share/roster")

    async def count_kept() -> list[int | None]:
        async with site.world.database.reading() as session:
            tables = (RosterRow, DirectoryRow, Person)
            return [await session.scalar(select(func.count()).select_from(table)) for table in tables]

    before = await count_kept()
    for content, as_roster, as_records in FILES:
        pages = [("/share/roster", as_roster), ("/school-records", as_records), ("/share/directory", NO_CSV)]
        for path, says in pages:
            answer = await site.ada.send(path, {"file": BytesIO(content)})
            text = (await answer.text()).replace("&#39;", "'")
            assert (answer.status, says in text) == (422, True), (path, text)
        document = {"zip": b64encode(content).decode()}
        for method, path, says in (
            ("PUT", "/roster", as_roster),
            ("POST", "/school-records", as_records),
        ):
            answer = await site.ada.call(method, path, document | ({"keep": True} if method == "POST" else {}))
            assert (answer.status, says in await answer.text()) == (422, True), await answer.text()
    assert await count_kept() == before
