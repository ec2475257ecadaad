"""`nic project`, `nic measure`, `nic practice preview` and `publish`: one project of a real data folder."""

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nic_node.accounts.actor import Actor
from nic_node.app.node import open_node
from nic_node.cli.node import school_today
from nic_node.config import read_config
from nic_node.school.measures.write import add_measure
from nic_node.school.projects.close import close_project
from nic_node.school.projects.read import project_of
from nic_node.school.projects.write import open_project, replace_steps
from tests.cli.calls import Answer, is_one_sentence, nic

ADA = Actor(person_id=1, name="Ada Field", kind="person")
TODAY = datetime.now(UTC).date() - timedelta(days=1)
STARTED = TODAY - timedelta(days=46)
PROJECT = {
    "title": "Advisory homework start",
    "starts_on": STARTED,
    "problem_category": "course-failure",
    "problem_statement": "Many students in grade 7 fail a course, says Noor.",
    "grade_bands": ["6-8"],
    "aim_measure": "course-failure",
    "aim_better": "down",
    "idea_category": "advisory",
    "idea_summary": "The first ten minutes of advisory go to starting homework.",
}
STEPS = [{"who": "teacher", "does": "writes the assignments on the board", "how_often": "daily", "core": True}]
COUNTS = {-14: (23, 61), -7: (24, 61), 14: (19, 61), 21: (18, 61), 35: (14, 61), 42: (13, 61)}


async def open_project_in(folder: Path) -> None:
    async with open_node(read_config(folder, {})) as opened:
        node = opened.local
        async with node.database.writing() as session:
            project = await open_project(session, actor=ADA, values=PROJECT, now=node.clock(), today=school_today(node))
            await replace_steps(
                session, actor=ADA, project_id=project.id, steps=STEPS, version=project.version, now=node.clock()
            )
            values = {
                "project_id": project.id,
                "name": "Failing a course",
                "vocabulary": "course-failure",
                "cadence": "week",
            }
            await add_measure(session, actor=ADA, values=values, now=node.clock())


async def close_project_in(folder: Path) -> None:
    async with open_node(read_config(folder, {})) as opened:
        node = opened.local
        async with node.database.writing() as session:
            await close_project(
                session,
                actor=ADA,
                project_id=1,
                decision="adopt",
                aim_result="reached",
                worked="The board.",
                would_change="Start earlier.",
                watch_out="Fire drills.",
                closed_on=TODAY,
                early_because="",
                version=(await project_of(session, 1)).version,
                now=node.clock(),
                today=school_today(node),
            )


@pytest.fixture(scope="module")
def running_template(school_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(school_template, tmp_path_factory.mktemp("running") / "school"))
    asyncio.run(open_project_in(folder))
    return folder


@pytest.fixture(scope="module")
def closed_template(running_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(running_template, tmp_path_factory.mktemp("closed") / "school"))
    assert nic("measure", "import", 1, counts_file(folder), data=folder).code == 0
    asyncio.run(close_project_in(folder))
    return folder


@pytest.fixture
def running(running_template: Path, tmp_path: Path) -> Path:
    """Project 1 runs; its measure 1 has no numbers."""
    return Path(shutil.copytree(running_template, tmp_path / "school"))


@pytest.fixture
def closed(closed_template: Path, tmp_path: Path) -> Path:
    """Project 1 is closed, with six weeks of numbers."""
    return Path(shutil.copytree(closed_template, tmp_path / "school"))


def counts_file(folder: Path, *more: str) -> Path:
    file = folder / "counts.csv"
    rows = [f"{STARTED + timedelta(days=day)},{x},{n}" for day, (x, n) in COUNTS.items()]
    file.write_text("\n".join(["date,x,n", *rows, *more]) + "\n")
    return file


def refused(answer: Answer, words: str) -> None:
    assert (answer.code, answer.out) == (1, "")
    assert words in answer.err
    assert is_one_sentence(answer.err)


def numbers(folder: Path) -> int:
    return int(nic("measure", "list", "--json", data=folder).document["measures"][0]["numbers"])


def test_projects_are_listed_and_shown(running: Path) -> None:
    (line,) = nic("project", "list", "--json", data=running).document["projects"]
    shown = nic("project", "show", 1, "--json", data=running).document

    assert (line["id"], line["title"], line["state"], line["steps"]) == (1, PROJECT["title"], "active", 1)
    assert line["day"] >= 47
    assert nic("project", "list", "--state", "closed", "--json", data=running).document == {"projects": []}
    assert [step["core"] for step in shown["how"]] == [True]
    assert [measure["name"] for measure in shown["measures"]] == ["Failing a course"]
    assert shown["lead"] == "Ada Field"
    for words in (["project", "list"], ["project", "show", 1]):
        assert str(PROJECT["title"]) in nic(*words, data=running).out


def test_a_project_that_is_not_there(running: Path) -> None:
    refused(nic("project", "show", 9, data=running), "no such project")


def test_a_file_of_numbers_comes_in_once(running: Path) -> None:
    file = counts_file(running)

    first = nic("measure", "import", 1, file, "--json", data=running).document
    again = nic("measure", "import", 1, file, "--json", data=running).document

    assert (first["state"], first["new"], first["faults"]) == ("done", 6, [])
    assert again["state"] == "nothing-changed"
    assert numbers(running) == 6
    chart = nic("measure", "chart", 1, "--kind", "p", "--json", data=running).document
    assert (chart["kind"], len(chart["days"]), len(chart["ucl"])) == ("p", 6, 6)
    assert "trial limits" in nic("measure", "chart", 1, "--kind", "p", data=running).out
    assert nic("measure", "effect", 1, "--json", data=running).document["tier"] == 4
    assert nic("measure", "effect", 1, data=running).out


def test_a_dry_run_keeps_nothing(running: Path) -> None:
    answer = nic("measure", "import", 1, counts_file(running), "--dry-run", data=running)

    assert answer.code == 0
    assert "dry run" in answer.out
    assert numbers(running) == 0


def test_an_odd_number_wants_a_decision(running: Path) -> None:
    blank = f"{STARTED + timedelta(days=28)},,61"
    file = counts_file(running, blank)

    refused(nic("measure", "import", 1, file, data=running), "need a decision")
    assert numbers(running) == 0

    kept = nic("measure", "import", 1, file, "--suspicious", "leave-out", "--json", data=running).document
    assert [odd["code"] for odd in kept["suspicious"]] == ["blank"]
    assert numbers(running) == 6


def test_rows_that_can_not_be_read_are_named_and_the_rest_is_kept(running: Path) -> None:
    file = counts_file(running, "yesterday,1,61", f"{STARTED},70,61")

    answer = nic("measure", "import", 1, file, data=running)

    assert answer.code == 0
    assert "Line 8" in answer.out
    assert "Line 9" in answer.out
    assert numbers(running) == 6


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"colour,number\nred,3\n", "first line"),
        (b"", "nothing in it"),
        (b"PK\x03\x04rest", "workbook"),
        ("date,x,n\n2026-01-01,1,2 é\n".encode("latin-1"), "UTF-8"),
    ],
)
def test_a_file_that_can_not_be_used(content: bytes, words: str, running: Path, tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_bytes(content)

    refused(nic("measure", "import", 1, file, data=running), words)


def test_a_measure_that_is_not_there_and_somebody_who_may_not(running: Path) -> None:
    nic("user", "add", "Ben Holt", "ben@alder.example", "--role", "reader", data=running)

    refused(nic("measure", "import", 7, counts_file(running), data=running), "no such measure")
    refused(
        nic("measure", "import", 1, counts_file(running), "--as", "ben@alder.example", data=running),
        "Nobody here signs in",
    )


def test_what_would_leave_has_the_contracts_shape(closed: Path) -> None:
    document = nic("practice", "preview", 1, "--json", data=closed).document

    assert set(document) == {"record", "findings", "blocked", "rung"}
    assert document["record"]["title"] == PROJECT["title"]
    assert document["rung"] in ("measured", "direction", "described")
    keys = {"stage", "code", "severity", "path", "span", "before", "after", "source"}
    assert document["findings"]
    assert all(set(finding) == keys for finding in document["findings"])
    assert "23" not in str(document["record"].get("measures")), "exact counts stay"


def test_a_running_project_has_nothing_to_show(running: Path) -> None:
    refused(nic("practice", "preview", 1, "--json", data=running), "Close the project")
    refused(nic("practice", "publish", 1, data=running), "Close the project")


def test_the_author_sends_to_review_and_can_not_sign_alone(closed: Path) -> None:
    sent = nic("practice", "publish", 1, "--json", data=closed).document
    again = nic("practice", "publish", 1, data=closed)
    signed = nic("practice", "publish", 1, "--approve", sent["sha256"], "--confirm", "nobody can be named", data=closed)

    assert (sent["project"], sent["state"]) == (1, "review")
    assert again.code == 0
    assert "is review" in again.out
    refused(signed, "")
    assert nic("practice", "preview", 1, "--json", data=closed).document["record"]["title"] == PROJECT["title"]


def test_nobody_approves_what_was_never_sent(closed: Path) -> None:
    refused(nic("practice", "publish", 1, "--approve", "0" * 64, data=closed), "Nobody has sent")


def test_the_library_of_a_school_in_no_network(running: Path) -> None:
    found = nic("practice", "search", "calls", "--json", data=running).document

    assert (found["items"], found["total"]) == ([], 0)
    assert "0 of 0 practices" in nic("practice", "search", data=running).out
    refused(nic("practice", "show", "net.example/net/north/log/1#12", data=running), "")
    refused(nic("practice", "adopt", "net.example/net/north/log/1#12", data=running), "")
    assert nic("log", "status", "--json", data=running).document == {
        "networks": [],
        "written_here": [],
        "read_from": [],
    }
    assert "no network yet" in nic("log", "status", data=running).out
