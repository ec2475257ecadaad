"""Names of students out of the sealed roster: found in what a paper says, and nothing of them is kept in plain."""

from datetime import timedelta

from nic_node.db.engine import Database
from nic_node.keyring.operator_key import OperatorKey
from nic_node.publishing.roster import keep_roster, read_roster
from nic_node.publishing.student_names import StudentNames
from nic_node.school.communication.plain import find_giveaways, hold_back_giveaways
from tests.conftest import TestClock
from tests.unit.accounts.stage import ADA, first_person

KEY = OperatorKey(bytes(range(32)))
ROSTER = 'name,role\n"Vale, Kiona",student\n"Field, Rosa",parent\nGrace Till,\n"Wu, Will",teacher\n'


async def test_students_and_families_are_found_and_who_works_here_is_not(database: Database, clock: TestClock) -> None:
    await first_person(database, clock)  # Ada Field
    names = StudentNames(KEY, clock, "Pacific/Auckland")
    async with database.reading() as session:
        nobody = await names(session)
    assert (nobody.are_missing, nobody.are_old, find_giveaways("Kiona Vale", nobody)) == (True, False, ())
    async with database.writing() as session:
        given = {"entries": read_roster(ROSTER), "today": clock().date(), "now": clock()}
        await keep_roster(session, operator_key=KEY, actor=ADA, **given)
    async with database.reading() as session:
        known = await names(session)
    said = "Kiona’s mother, Ms. Field and Will Wu met Ada Field; the Vales and GRACE come too. We will read."
    assert hold_back_giveaways(said, known) == (
        "▒▒▒ mother, Ms. Field and Will Wu met Ada Field; the ▒▒▒ and ▒▒▒ come too. We will read.",
        3,
    )
    assert known.found_in([None, "", "Rosa Field asked", "nobody"]) == ("Rosa Field",)
    assert "Kiona" not in repr(known)
    clock.forward(days=400)
    async with database.writing() as session:
        assert (await names(session)).are_old
        given |= {"entries": read_roster("Ana Peña"), "now": clock(), "today": clock().date() - timedelta(days=1)}
        await keep_roster(session, operator_key=KEY, actor=ADA, **given)
        assert find_giveaways("Kiona, Ana", await names(session)) == ("Ana",)
