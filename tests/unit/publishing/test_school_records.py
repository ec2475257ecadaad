"""A school out of a OneRoster zip: staff, breaks and sealed names; of students nothing but how many."""

import io
import time
import zipfile
from base64 import b64encode
from datetime import date

import pytest
from sqlalchemy import select, text

from nic_node.accounts.tables import Person as PersonRow
from nic_node.app.tables import METADATA
from nic_node.errors import InvalidInput
from nic_node.publishing import oneroster
from nic_node.publishing.roster import compiled_roster
from nic_node.publishing.school_records import Break, read_school_records
from nic_node.school.team.tables import DayOff, Term
from tests.unit.publishing import conftest
from tests.unit.publishing.conftest import Site
from tests.unit.publishing.oneroster_zips import HEAD_1_1, HEAD_1_2, SECRETS, zipped

TODAY = date(2026, 10, 27)
ORGS = """sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
d1,active,,Harbor District,district,D-7,
o1,active,,Rivermouth School,school,S-77,d1
o2,active,,Upper School,school,S-0043,d1
o3,tobedeleted,,Gone School,school,S-0044,d1
"""
SESSIONS = """sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear
y,active,,Year,schoolYear,2026-08-17,2027-06-05,,2027
t1,active,,Fall,term,2026-08-17,2026-12-19,y,2027
t2,active,,Spring,term,2027-01-05,2027-06-05,y,2027
t0,active,,Long ago,term,1926-08-17,1926-12-19,,1927
t9,active,,Broken,term,soon,later,,
"""
FALL = {"source": "t1", "title": "Fall", "kind": "term", "school_year": "2026-27", "parent": ""}
FALL |= {"starts_on": "2026-08-17", "ends_on": "2026-12-17"}
BREAK = Break(first=date(2026, 12, 19), last=date(2027, 1, 4))
USERS_1_1 = (
    'u1,active,,true,"o1,o2",student,marisol.p,{SIS:sis-4471},Marisol,Vargas,Inés,0042,marisol.p@school.example,,555-010-4477,u3,07,hunter2',
    "u2,active,,true,o1,teacher,okafor,,Will,Okafor,,,will@school.example,,,,,",
    "u3,active,,true,o1,guardian,,,Ana,Peña,,,ana@home.example,,,,,",
    "u4,active,,true,o1,aide,,,Lee,Short,,,,,,,,",
    "u5,active,,true,o2,teacher,,,Other,School,,,other@school.example,,,,,",
    "u6,tobedeleted,,true,o1,teacher,,,Left,Already,,,left@school.example,,,,,",
)
USERS_1_2 = (
    "u1,active,,true,m.p,{SIS:sis-4471},Marisol,Vargas,,0042,marisol.p@school.example,,555-010-4477,,07,hunter2,,,,,o1,they",
    "u2,active,,true,,,Will,Okafor,,,will@school.example,,,,,,,,,,o1,",
    "u3,active,,true,,,Ana,Peña,,,ana@home.example,,,,,,,,,,o1,",
    "u4,active,,true,,,Lee,Short,,,,,,,,,,,,,o1,",
    "u5,active,,true,,,Other,School,,,other@school.example,,,,,,,,,,o2,",
    "u6,tobedeleted,,true,,,Left,Already,,,left@school.example,,,,,,,,,,o1,",
)
KINDS_1_2 = ("student", "teacher", "guardian", "aide", "teacher", "teacher")


def version_1_1() -> bytes:
    users = "\ufeff" + "\r\n".join([HEAD_1_1, *USERS_1_1])
    return zipped(orgs=ORGS, academicSessions=SESSIONS, users=users, classes="sourcedId,title\nc1,secret-class\n")


def version_1_2() -> bytes:
    head = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId"
    rows = [f"r{number},active,,u{number},primary,{kind},,,o1" for number, kind in enumerate(KINDS_1_2, 1)]
    users = "\n".join([HEAD_1_2, *USERS_1_2])
    demographics = "sourcedId,sex\nu1,Nonbinary\n"
    return zipped(
        orgs=ORGS, academicSessions=SESSIONS, users=users, roles="\n".join([head, *rows]), demographics=demographics
    )


@pytest.mark.parametrize("content", [version_1_1(), version_1_2()], ids=["1.1", "1.2"])
def test_both_versions_are_read_alike(content: bytes) -> None:
    records, names = read_school_records(content, "s-77", TODAY)
    assert (records.school, records.identifier, records.district) == ("Rivermouth School", "S-77", "Harbor District")
    assert [(one.name, one.email, one.role) for one in records.staff] == [
        ("Will Okafor", "will@school.example", "teacher")
    ]
    assert (records.students, records.unreachable) == (1, 1)
    assert [(one.title, one.kind, one.school_year, str(one.ends_on), one.parent) for one in records.terms] == [
        ("Year", "school-year", "2026-27", "2027-06-04", ""),
        ("Fall", "term", "2026-27", "2026-12-18", "y"),
        ("Spring", "term", "2026-27", "2027-06-04", "y"),
    ]
    assert records.breaks == [BREAK]
    assert [name.text.split(",")[0] for name in names] == ["Vargas", "Okafor", "Peña", "Short"]
    assert not [secret for secret in (*SECRETS, "Marisol") if secret in repr(records)]


def tall_zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("users.csv", b"givenName,familyName\n" + b"0" * 3_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "school", "says"),
    [
        (version_1_1(), "", "Rivermouth School; Upper School"),
        (version_1_1(), "Gone School", "No school in this export"),
        (zipped(orgs=ORGS), "S-77", "no OneRoster export"),
        (zipped(users=HEAD_1_1, manifest="propertyName,value\r\nfile.users,delta\r\n"), "", "only what changed"),
        (b"PK\x03\x04 and nothing more", "", "damaged"),
        (b"%PDF-1.7", "", "damaged"),
        (tall_zip(), "", "larger than 50 MB"),
    ],
)
def test_what_can_not_be_read_says_what_to_do(
    content: bytes, school: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oneroster, "LARGEST_MEMBER", 2_000_000)
    with pytest.raises(InvalidInput) as refused:
        read_school_records(content, school, TODAY)
    assert says in str(refused.value.fields)


async def test_staff_and_breaks_are_kept_once_and_of_students_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(conftest.ROLES, 1, ("Ada Field", {"administrator"}))
    assert (await site.ben.get("/school-records")).status == 403
    await site.ada.get("/school-records")
    form = io.BytesIO(version_1_1())
    form.name = "export.zip"
    page = await (await site.ada.send("/school-records", {"school": "S-77", "file": form})).text()
    assert "1 row of a student was counted and dropped." in page
    assert "Will Okafor" in page
    assert "Marisol" not in page
    wanted = {"name": "Will Okafor", "email": "will@school.example", "role": "teacher", "invite": "0", "off": "0"}
    wanted |= {
        **FALL,
        "term": "0",
        "first": "2026-12-19",
        "last": "2027-01-04",
        "identifier": "S-77",
        "district": "Harbor District",
    }
    wrong = await site.ada.send("/school-records/keep", wanted | {"role": "administrator"})
    assert wrong.status == 422
    assert (await site.ada.send("/school-records/keep", wanted)).status == 303
    asked = {"zip": b64encode(version_1_2()).decode(), "school": "S-77", "keep": True}
    again = await (await site.ada.call("POST", "/school-records", asked)).json()
    assert (again["invited"], again["staff"][0]["is_here"], again["breaks"][0]["is_here"]) == (0, True, True)
    # Fall came without the school year around it, and with another last day.
    assert [one["state"] for one in again["terms"]] == ["new", "changed", "new"]
    asked |= {"zip": b64encode(version_1_1()).decode()}
    third = await (await site.ada.call("POST", "/school-records", asked)).json()
    assert {one["state"] for one in third["terms"]} == {"here"}
    assert (await site.ada.call("POST", "/school-records", {"zip": "no!"})).status == 422

    async with site.world.database.reading() as session:
        will = (await session.scalars(select(PersonRow).where(PersonRow.email_key == "will@school.example"))).one()
        assert (will.name, will.joined_at) == ("Will Okafor", None)
        off = (await session.scalars(select(DayOff))).one()
        assert (off.starts_on, off.ends_on) == (BREAK.first, BREAK.last)
        terms = {row.title: row for row in await session.scalars(select(Term))}
        assert {title: (str(row.ends_on), row.version) for title, row in terms.items()} == {
            "Year": ("2027-06-04", 1),
            "Fall": ("2026-12-18", 2),
            "Spring": ("2027-06-04", 1),
        }
        assert {row.parent_id for row in terms.values()} == {None, terms["Year"].id}
        roster = await compiled_roster(session, operator_key=site.world.node.operator_key)
        assert "marisol" in roster.people
        everything = [
            repr(row)
            for table in METADATA.sorted_tables
            for row in await session.execute(text(f"SELECT * FROM {table.name}"))
        ]
    assert not [secret for secret in (*SECRETS, "Marisol", "Vargas") if secret in "\n".join(everything)]


def test_who_belongs_to_another_school_by_role_alone_is_left_out() -> None:
    """In 1.2 a person's school may stand in roles.csv alone; a row with a cell too many is read all the same."""
    users = "sourcedId,status,givenName,familyName,email\r\na,active,Lee,Vang,lee@school.example,more\r\n"
    users += "b,active,Mo,Ek,mo@school.example\r\n"
    roles = "userSourcedId,role,orgSourcedId\na,teacher,o1\nb,teacher,o2\n"
    bulk = "propertyName,value\nmanifest.version,1.0\nfile.users,bulk\nfile.enrollments,delta\n"
    records, names = read_school_records(zipped(orgs=ORGS, users=users, roles=roles, manifest=bulk), "S-77", TODAY)
    assert [one.email for one in records.staff] == ["lee@school.example"]
    assert [name.text for name in names] == ["Vang, Lee"]
    assert (records.terms, records.breaks) == ([], [])


def test_a_district_of_a_hundred_thousand_is_read_in_seconds() -> None:
    rows = (
        f"s{at},active,,true,o{1 if at % 50 == 0 else 2},student,,,Kid{at},Name{at},,{at},,,,,,"
        for at in range(100_000)
    )
    began = time.process_time()
    records, names = read_school_records(zipped(orgs=ORGS, users="\n".join([HEAD_1_1, *rows])), "S-77", TODAY)
    assert (records.students, len(names), records.staff) == (2_000, 2_000, [])
    assert time.process_time() - began < 20
