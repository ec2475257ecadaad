"""Steps 5 and 6: other schools find the practice, copy it, try it, and publish how it went."""

from functools import partial
from typing import Any
from urllib.parse import quote

from nic_node.demo.cast import MEMBERS, Cast, School, eventually, expect
from nic_node.demo.reckoning import expect_ledger, expect_one_class, expect_pooled, expect_published, read_record
from nic_node.demo.school_work import bring_numbers, close, run_cycle
from nic_node.demo.sharing import preview_and_review, wait_until_logged

DECISIONS = {"cedar": ("adopt", "reached"), "mill": ("abandon", "not")}


async def find_and_start(cast: Cast) -> dict[str, Any]:
    """B's mirror verified the record; it stands under 'schools like ours' with reasons; one act starts it."""
    origin = cast.schools["harbor"].record
    found = {}
    for name in DECISIONS:
        school = cast.schools[name]
        found[name] = await eventually(f"{name} finds it", partial(_find, school, origin))
        await _start(cast, school, origin)
    alike = found["cedar"]["similarity"]["alike"]
    expect(alike, "the match says why")
    return {"record": origin, "reasons": alike}


async def _find(school: School, origin: str) -> Any:
    answer = await school.lead.call("GET", "/practices/search?q=absent%20families&like=true")
    return next((item for item in answer["items"] if item["record"] == origin), None)


async def _start(cast: Cast, school: School, origin: str) -> None:
    page = await school.lead.page(f"/learn/practices/{quote(origin, safe='/:')}")
    expect("Start this in our school" in page, "the practice's page offers to start it")
    shown = await read_record(school, origin)
    expect(shown["inclusion"], "its inclusion in the log is verified")
    expect_published(shown, cast.schools["harbor"])
    asked = {"record": origin, "starts_on": cast.calendar.starts_on.isoformat()}
    school.project = (await school.lead.call("POST", "/practices/adopt", asked))["project_id"]
    project = await school.lead.call("GET", f"/projects/{school.project}")
    expect(project["origin_record"] == origin, "the project knows where it comes from")
    expect(len(project["steps"]) == 4, "its steps are copied")


async def replicate(cast: Cast, name: str) -> dict[str, Any]:
    """Own numbers, a cycle, a decision, and the result out to the others, whatever it was."""
    school = cast.schools[name]
    decision, aim_result = DECISIONS[name]
    await bring_numbers(cast, school)
    await run_cycle(cast, school)
    await close(cast, school, decision, aim_result)
    await preview_and_review(cast, school)
    await wait_until_logged(school)
    return {"school": name, "decision": decision, "record": school.record}


async def read_ledger(cast: Cast) -> dict[str, Any]:
    """A sees who tried it and how it went, and the pooled effect over three results, from what is printed."""
    school = cast.schools["harbor"]
    path = f"/practices/evidence?record={quote(school.record, safe='')}"

    async def look() -> Any:
        evidence = await school.lead.call("GET", path)
        return evidence if evidence["tried"] == 3 and evidence["pool"] else None

    evidence = await eventually("the ledger shows all three", look)
    records = [await read_record(school, result["record"]) for result in evidence["results"]]
    authors = {cast.schools[name].record: cast.schools[name] for name in MEMBERS}
    expect(authors.keys() == {shown["record"] for shown in records}, "the results are those of the three schools")
    for shown in records:
        expect_published(shown, authors[shown["record"]])
    payloads = [shown["payload"] for shown in records]
    context_class = expect_one_class(payloads)
    expect_ledger(evidence, payloads)
    expect((evidence["adopted"], evidence["abandoned"]) == (2, 1), "two adopted it, one abandoned it")
    expect_pooled(evidence, payloads)
    pool = evidence["pool"]
    expect(pool["ci"] is not None and pool["pi"] is not None, "with an interval and a prediction interval")
    return {
        "class": context_class["class"],
        **{name: evidence[name] for name in ("tried", "adopted", "adapted", "abandoned", "replications")},
        **await _counted(cast),
        "pooled": {name: pool[name] for name in ("k", "estimate", "ci", "pi")},
    }


async def _counted(cast: Cast) -> dict[str, int]:
    """How many schools the network approved, and how many practices are in A's own library."""
    members = await cast.host.lead.call("GET", f"/networks/{cast.network['id']}/members?state=approved")
    practices = await cast.schools["harbor"].lead.call("GET", "/practices")
    return {"schools": len(members["items"]), "practices": len(practices["items"])}
