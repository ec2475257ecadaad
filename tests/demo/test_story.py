"""What `nic demo --check` promises: every step held, and the summary is computed from what was seen."""

import asyncio
import json
import sys

import pytest

from nic_node.demo.check import check_steps
from nic_node.demo.story import story, summary_of
from tests.demo.played import PlayedDemo


async def test_every_step_of_the_story_holds(played_demo: PlayedDemo):
    assert [line for line in played_demo.lines if not line["ok"]] == []
    names = [line["step"] for line in played_demo.lines]
    assert names[: len(story())] == [name for name, _ in story()]


async def test_each_line_is_json_with_step_ok_and_seconds(played_demo: PlayedDemo):
    for line in played_demo.lines:
        again = json.loads(json.dumps(line))
        assert {"step", "ok", "seconds"} <= again.keys()
        assert again["seconds"] >= 0


async def test_the_fourth_school_still_waits(played_demo: PlayedDemo):
    membership = await played_demo.applicant()
    assert membership["state"] == "applied"
    assert played_demo.seen is not None
    assert played_demo.seen["applicant"] == {"state": "applied", "blobs": "refused"}


async def test_the_summary_has_the_shape_and_the_figures_that_others_rely_on(played_demo: PlayedDemo):
    summary = summary_of(played_demo.seen)
    assert summary.keys() == {"step", "ok", "schools", "practices", "replications", "pooled"}
    assert (summary["step"], summary["ok"]) == ("summary", True)
    assert (summary["schools"], summary["practices"], summary["replications"]) == (3, 1, 2)
    pooled = summary["pooled"]
    assert pooled.keys() == {"k", "estimate", "ci", "pi"}
    assert pooled["k"] == 3
    (low, high), (next_low, next_high) = pooled["ci"], pooled["pi"]
    assert low < pooled["estimate"] < high
    assert next_low <= low, "the next school varies at least as much as the mean does"
    assert high <= next_high


@pytest.mark.parametrize("name", ["schools", "practices", "replications", "pooled"])
def test_the_summary_says_what_was_counted(name: str):
    counted = {"schools": 5, "practices": 4, "replications": 7, "pooled": {"k": 8}}
    assert summary_of({"ledger": {**counted, "tried": 8}})[name] == counted[name]


async def test_the_network_holds_three_members_three_records_a_question_and_its_answer(played_demo: PlayedDemo):
    """What the summary says, counted elsewhere: on the log's own shelf, and on the coordinator's list."""
    cast = played_demo.cast
    (status,) = (await cast.schools["cedar"].lead.call("GET", "/logs"))["items"]
    assert status["records"]["living"] >= 5, "other tests ask and answer too"
    members = await cast.host.lead.call("GET", f"/networks/{cast.network['id']}/members")
    # Other tests may have brought schools of their own into this network.
    own = {school.node.url for school in cast.schools.values()}
    states = sorted(item["state"] for item in members["items"] if item["entity"] in own)
    assert states == ["applied", "approved", "approved", "approved"]


async def test_the_faults_of_a_real_series_are_shown_and_decided_on(played_demo: PlayedDemo):
    assert played_demo.seen is not None
    measure = played_demo.seen["measure"]
    assert measure["faults"].keys() == {"blank", "zero", "unusual"}
    assert sum(measure["decided"].values()) == sum(measure["faults"].values())
    assert measure["decided"]["Left out"] == measure["faults"]["unusual"]


def test_a_story_that_stopped_says_so_in_the_same_shape():
    stopped = summary_of(None)
    assert stopped["ok"] is False
    assert stopped["pooled"] is None


async def test_every_step_of_the_check_holds(checked_demo: PlayedDemo):
    assert [line for line in checked_demo.lines if not line["ok"]] == []
    told = {line["step"] for line in checked_demo.lines}
    assert told >= {name for name, _ in [*story(), *check_steps()]}


async def test_dishonest_records_are_refused_with_stable_codes(checked_demo: PlayedDemo):
    if checked_demo.seen is None:
        pytest.fail("a step did not hold; the test before this one names it")
    assert checked_demo.seen["dishonest"]["refused"] == ["blob-hash-wrong", "rule-printed-n", "pseudonym-unknown"]


async def test_the_kept_log_verifies_as_static_files(checked_demo: PlayedDemo):
    command = [sys.executable, "-m", "nic_node.cli", "log", "verify", str(checked_demo.cast.folder / "log"), "--json"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    verdict = json.loads(out)
    assert process.returncode == 0, verdict
    assert (verdict["ok"], verdict["refused"]) == (True, [])
    assert verdict["records"] >= 5, "what the story left; a question and an answer more where other tests ran before"
