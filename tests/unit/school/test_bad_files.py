"""Files that lie about their type or unpack to too much: refused in words at each upload, and nothing is kept."""

import io
import zipfile
from base64 import b64encode
from html import unescape

import pytest
from aiohttp import FormData
from sqlalchemy import func, select

from nic_node.school.discussion import kinds_of_file
from nic_node.school.discussion.tables import AttachedFile
from nic_node.school.measures import workbooks
from nic_node.school.measures.tables import MeasureImport, Observation
from nic_node.school.plan.tables import Goal
from nic_node.school.profile.name import set_school_name
from nic_node.school.profile.tables import ProfileYear, SchoolProfile
from tests.unit.accounts.stage import ADA
from tests.unit.school.conftest import Stage

LARGE = 100_000
KEPT = (AttachedFile, MeasureImport, Observation, Goal, SchoolProfile, ProfileYear)
WORKBOOK = "There is too much in this workbook. Keep the sheet"
SAVE_AS = "In the spreadsheet choose 'Save as', then 'CSV UTF-8'"
CSV = "This is not a CSV file: it holds binary data. Save it as CSV"
BESIDE = "/beside/project/{project}/files"
PAGES: list[tuple[str, dict[str, str], str, str]] = [
    # address, what else the form sends, what is said of a lie and of a bomb
    ("/measures/{measure}/import", {"layout": "auto"}, SAVE_AS, WORKBOOK),
    ("/plan/paste", {}, SAVE_AS, WORKBOOK),
    ("/profile/directory", {"directory_id": "7", "version": "1"}, CSV, CSV),
    (BESIDE, {}, "its name", "unpacks to more than any document needs"),
    ("/papers/form", {}, "neither a Word document (.docx) nor a workbook", WORKBOOK),
]
BY_PROGRAM: list[tuple[str, str, str, str]] = [
    ("/measures/{measure}/imports", "workbook", SAVE_AS, WORKBOOK),
    (BESIDE, "content", "its name", "unpacks to more than any document needs"),
]


def bomb(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, bytes(2 * LARGE))
    return packed.getvalue()


PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
FILES = {
    "lie.csv": PICTURE,
    "lie.xlsx": PICTURE,
    "lie.docx": b"PK\x03\x04" + PICTURE,
    "bomb.xlsx": bomb("xl/workbook.xml"),
    "bomb.docx": bomb("word/document.xml"),
}


async def count_kept(stage: Stage) -> list[int | None]:
    async with stage.database.reading() as session:
        return [await session.scalar(select(func.count()).select_from(table)) for table in KEPT]


async def test_each_upload_says_what_to_do_by_page_and_by_program(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (kinds_of_file, workbooks):
        monkeypatch.setattr(module, "MOST_UNPACKED", LARGE)
    ids = {"measure": await stage.add_measure(), "project": stage.project_id}
    async with stage.database.writing() as session:
        await set_school_name(session, school_name="Rivermouth School", actor=ADA, now=stage.clock())
    before = await count_kept(stage)
    for name, content in FILES.items():
        for at, fields, *said in PAGES:
            form = FormData({"csrf_token": stage.browser._token} | fields)
            form.add_field("file", io.BytesIO(content), filename=name)
            answer = await stage.browser.client.post(at.format(**ids), data=form, allow_redirects=False)
            text = unescape(await answer.text())
            assert (answer.status, said[name.startswith("bomb")] in text) == (422, True), (at, name, text)
        for at, field, *said in BY_PROGRAM:
            named = {"name": name} if at == BESIDE else {"file_name": name}
            document = named | {field: b64encode(content).decode()}
            answer = await stage.browser.call("POST", at.format(**ids), document)
            ((faults,),) = (await answer.json())["fields"].values()
            assert (answer.status, said[name.startswith("bomb")] in faults) == (422, True), (at, name, faults)
    assert await count_kept(stage) == before
