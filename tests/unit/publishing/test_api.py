"""Publishing as JSON: the shapes that others rely on, and wrong inputs."""

from base64 import b64encode

from nic_node.publishing.api import api_routes
from nic_node.web.api import openapi_document
from tests.unit.publishing.conftest import Site
from tests.unit.publishing.oneroster_zips import version_1_2

APPROVAL = {"names_anyone": False, "confirmation": "nobody can be named"}


async def test_preview_has_the_contracts_shape(site: Site) -> None:
    project_id = await site.world.closed_project(problem_statement="Ask Mr. Castellanos.")
    answer = await (await site.ada.call("GET", f"/projects/{project_id}/preview")).json()
    assert set(answer) == {"record", "findings", "blocked", "rung"}
    assert set(answer["findings"][0]) == {
        "stage", "code", "severity", "path", "span", "before", "after", "source",
    }  # fmt: skip
    assert answer["rung"] == "measured"
    assert (await site.ada.call("GET", "/projects/99/preview")).status == 404


async def test_draft_review_approve(site: Site) -> None:
    await site.world.open_epoch()
    project_id = await site.world.closed_project(idea_summary="We borrowed the board from Beacon Hour.")
    await site.ada.get("/share")
    await site.ben.get("/share")
    listed = await (await site.ada.call("GET", "")).json()
    assert [one["id"] for one in listed["shareable"]] == [project_id]
    made = await site.ada.call("POST", "/drafts", {"project_id": project_id})
    assert made.status == 201
    draft = await made.json()
    at = f"/drafts/{draft['id']}"
    assert (await site.ada.call("POST", "/drafts", {"project_id": project_id})).status == 409
    assert (await (await site.ada.call("POST", f"{at}/review")).json())["state"] == "review"
    assert (await site.ada.call("POST", f"{at}/approval", APPROVAL | {"sha256": draft["sha256"]})).status == 403
    seen = await (await site.ben.call("GET", at)).json()
    decisions = [
        {"finding": item["key"], "choice": item["choices"][0]["value"]} for item in seen["findings"] if item["open"]
    ]
    seen = await (await site.ben.call("POST", f"{at}/decisions", {"decisions": decisions})).json()
    assert seen["open"] == 0
    assert (await site.ben.call("POST", f"{at}/approval", APPROVAL | {"sha256": "0" * 64})).status == 409
    approved = await site.ben.call("POST", f"{at}/approval", APPROVAL | {"sha256": seen["sha256"]})
    assert (await approved.json())["state"] == "queued"
    assert (await (await site.ben.call("DELETE", f"{at}/approval")).json())["state"] == "review"
    await site.ben.call("POST", f"{at}/approval", APPROVAL | {"sha256": seen["sha256"]})
    await site.world.slot()
    final = await (await site.ada.call("GET", at)).json()
    assert (final["state"], final["witnessed"], final["epoch"]) == ("final", False, 1)
    assert final["record_id"].startswith(site.world.network.log.origin)
    log = await (await site.ada.call("GET", "/log")).json()
    assert log["broken_at"] is None
    assert "Beacon" not in str(log)


async def test_wrong_inputs_are_named(site: Site) -> None:
    draft_id = await site.world.drafted(await site.world.closed_project())
    await site.ben.get("/share")
    at = f"/drafts/{draft_id}"
    assert (await site.ben.call("POST", f"{at}/decisions", {"decisions": []})).status == 422
    assert (
        await site.ben.call("POST", f"{at}/decisions", {"decisions": [{"finding": "x", "choice": "y"}]})
    ).status == 422
    answer = await site.ben.call(
        "POST", f"{at}/approval", {"sha256": "0" * 64, "names_anyone": "no", "confirmation": ""}
    )
    assert set((await answer.json())["fields"]) == {"names_anyone"}
    assert (await site.cem.call("GET", at)).status == 403
    assert (await site.ben.call("POST", "/drafts", {"project_id": 1})).status == 403
    assert (await site.ben.call("GET", "/drafts/99")).status == 404


async def test_rewording_and_returning(site: Site) -> None:
    draft_id = await site.world.drafted(await site.world.closed_project())
    await site.ben.get("/share")
    at = f"/drafts/{draft_id}"
    draft = await (await site.ben.call("GET", at)).json()
    words = {"path": "/lessons/worked", "text": "Most started at once.", "version": draft["version"]}
    reworded = await (await site.ben.call("POST", f"{at}/texts", words)).json()
    assert reworded["record"]["lessons"]["worked"] == "Most started at once."
    assert (await site.ben.call("POST", f"{at}/texts", words)).status == 409
    wrong = words | {"version": reworded["version"], "path": "/decision"}
    assert (await site.ben.call("POST", f"{at}/texts", wrong)).status == 422
    back = {"version": reworded["version"], "note": "Once more."}
    assert (await (await site.ben.call("POST", f"{at}/return", back)).json())["problem"] == "Once more."


async def test_roster_and_terms(site: Site) -> None:
    await site.ada.get("/share")
    assert (await (await site.ada.call("PUT", "/roster", {"text": "Vang, Kou"})).json())["entries"] == 1
    assert (await (await site.ada.call("GET", "/roster")).json())["stale"] is False
    assert (await site.ada.call("PUT", "/roster", {"text": ""})).status == 422
    export = b64encode(version_1_2()).decode()
    assert (await (await site.ada.call("PUT", "/roster", {"zip": export})).json())["entries"] == 3
    assert (await site.ada.call("PUT", "/roster", {"zip": "no!"})).status == 422
    await site.world.open_epoch()
    (standing,) = (await (await site.ada.call("GET", "/epochs")).json())["items"]
    assert (standing["ready"], standing["epoch"], standing["phase"], standing["state"]) == (
        True,
        1,
        "open",
        "registered",
    )


def test_every_operation_is_described() -> None:
    described = openapi_document(api_routes(), "1")
    tags = {operation["tags"][0] for path in described["paths"].values() for operation in path.values()}
    assert tags == {"publishing"}


async def test_facts_are_taken_anew_and_a_draft_is_given_up(site: Site) -> None:
    await site.world.open_epoch()
    project_id = await site.world.closed_project(idea_summary="Greeters at the door.")
    await site.ada.get("/share")
    draft = await (await site.ada.call("POST", "/drafts", {"project_id": project_id})).json()
    at = f"/drafts/{draft['id']}"
    renewed = await site.ada.call("POST", f"{at}/facts", {"version": draft["version"]})
    assert (renewed.status, (await renewed.json())["state"]) == (200, "draft")
    assert (await site.ada.call("POST", f"{at}/drop", {"version": draft["version"] - 1})).status == 409
    version = (await renewed.json())["version"]
    assert (await site.ada.call("POST", f"{at}/drop", {"version": version})).status == 204
    assert (await site.ada.call("GET", at)).status == 404
