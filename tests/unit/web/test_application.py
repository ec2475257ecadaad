"""The shell around every handler: who may enter, what an error becomes, what a form may hold."""

import io
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp_jinja2
import pytest
import structlog
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer
from marshmallow import fields
from sqlalchemy.exc import InterfaceError

from federation.errors import Untrusted
from nic_node.config import read_config
from nic_node.errors import Conflict, InvalidInput, NotFound, TooMany
from nic_node.web import context, csrf, flash
from nic_node.web.api import ApiSchema, PageQuery, openapi_document
from nic_node.web.application import SECURITY_HEADERS, build_application
from nic_node.web.forms import FormSchema, read_form
from nic_node.web.logs import keep_frames_only, start_logging
from nic_node.web.routes import Api, Call, document, page, peer
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import PEER, PUBLIC, SIGNED_IN, Visitor
from schemas.problem import Code

HTML = {"Accept": "text/html"}
GONE = "the database is gone"
ROOMS = {"web": Path(context.__file__).parent / "templates"}


class NoteForm(FormSchema):
    LISTS = ("colours",)

    note = fields.String(required=True)
    count = fields.Integer(load_default=0)
    colours = fields.List(fields.String(), load_default=list)


class NoteSchema(ApiSchema):
    note = fields.String(required=True)


async def take_note(request: web.Request) -> web.Response:
    form = await read_form(request, NoteForm(), max_bytes=2048)
    answer = {"ok": form.ok, "data": form.data, "errors": form.errors, "values": form.values}
    answer["files"] = {name: len(upload.content) for name, upload in form.files.items()}
    return web.json_response(answer)


async def show_form(request: web.Request) -> web.Response:
    return web.Response(text=f'<input name="csrf_token" value="{csrf.form_token(request)}">', content_type="text/html")


async def fail(request: web.Request) -> web.Response:
    raised = {
        "missing": NotFound("No such note."),
        "stale": Conflict("It changed."),
        "many": TooMany("Too many tries.", 30),
        "untrusted": Untrusted(Code.SIGNATURE_INVALID, "Not signed by its author."),
        "fields": InvalidInput({"note": ["Write it."]}),
        "bug": RuntimeError("secret words"),
        "no room": OSError(28, "No space left on device", "/srv/secret words"),
        "no database": InterfaceError("SELECT 'secret words'", {}, Exception("secret words")),
    }
    raise raised[request.match_info["what"]]


async def api_note(call: Call) -> object:
    return {"note": call.body.get("note", "read")}


async def api_id(call: Call) -> object:
    return {"note": str(call.path_id())}


async def say_saved(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=2048)
    return flash.say(see_other(request, "accounts.sign_in"), "Saved.", undo_url="/undo")


async def sign_in(request: web.Request) -> web.Response:
    return await render(request, "web/error.html", {"status": 200, "title": "Sign in", "sentences": ["Hello"]})


async def load_visitor(request: web.Request) -> Visitor | None:
    name = request.headers.get("X-Test-Visitor")
    if name == GONE:
        raise InterfaceError("SELECT 'secret words'", {}, Exception("connection is closed"))
    if name is None:
        return None
    permissions = frozenset({"notes.write"} if name == "writer" else set())
    return Visitor(person_id=1, name="Maria Okafor", roles=frozenset(), permissions=permissions, by_token=False)


async def shell(request: web.Request) -> dict:
    return {"shell_key": "all", "school_name": "Harbor View", "school_year": "2026–27", "doors": [], "lang": "en"}


async def show_own_shell(request: web.Request) -> web.Response:
    own = {"school_name": "North Coast network", "status": 404, "title": "Nothing", "sentences": []}
    return await render(request, "web/error.html", own)


PAGES = [
    page("GET", "/form", "notes.form", show_form, PUBLIC),
    page("POST", "/form", "notes.form", take_note, PUBLIC, max_bytes=2048),
    page("GET", "/fail/{what}", "notes.fail", fail, PUBLIC),
    page("GET", "/mine", "notes.mine", show_form, SIGNED_IN),
    page("GET", "/write", "notes.write", show_form, "notes.write"),
    page("GET", "/notes/{id}", "notes.show", show_form, PUBLIC),
    page("GET", "/own-shell", "notes.own_shell", show_own_shell, PUBLIC),
    page("GET", "/sign-in", "accounts.sign_in", sign_in, PUBLIC),
    page("POST", "/saved", "notes.saved", say_saved, PUBLIC),
    document("/document/{what}", "notes.document", fail, PUBLIC),
    peer("POST", "/v1/peer", "notes.peer", show_form, PEER),
]
OPERATIONS = [
    Api(
        method="POST", path="/notes", name="api.notes.add", handler=api_note, permit="notes.write", tag="notes",
        summary="Add a note.", body=NoteSchema(), answer=NoteSchema(), status=201, max_bytes=1024,
    ),
    Api(
        method="GET", path="/notes", name="api.notes.list", handler=api_note, permit="notes.write", tag="notes",
        summary="Notes.", query=PageQuery(), answer=NoteSchema(),
    ),
    Api(
        method="GET", path="/notes/{id}", name="api.notes.show", handler=api_id, permit=PUBLIC, tag="notes",
        summary="One note.", answer=NoteSchema(),
    ),
]  # fmt: skip


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[TestClient]:
    def services(app: web.Application) -> None:
        app[context.SHELL] = shell
        app[context.LOAD_VISITOR] = load_visitor

    config = read_config(tmp_path, {"NIC_PUBLIC_URL": "https://school.example.org"})
    app = build_application(config, pages=PAGES, operations=OPERATIONS, rooms=ROOMS, services=services)
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def token_of(client: TestClient) -> dict[str, str]:
    """The token of the form, and the cookie that goes with it (Secure, so the test's jar would keep it back)."""
    answer = await client.get("/form")
    token = re.search(r'value="([^"]+)"', await answer.text()).group(1)
    return {"token": token, "Cookie": f"{csrf.COOKIE}={token}"}


async def test_a_page_with_a_shell_of_its_own_is_never_drawn_with_a_held_one(client: TestClient) -> None:
    for path, name in (("/nowhere", "Harbor View"), ("/own-shell", "North Coast network")) * 2:
        text = await (await client.get(path, headers=HTML)).text()
        assert f"<span>{name}</span>" in text


async def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/form", "/nowhere", "/fail/missing", "/static/style.css"):
        answer = await client.get(path, headers=HTML)
        assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
        assert answer.headers["Strict-Transport-Security"]
    assert "unsafe" not in SECURITY_HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [("missing", 404, "not-found"), ("stale", 409, "conflict"), ("many", 429, "too-many-requests"),
     ("untrusted", 401, "signature-invalid"), ("fields", 422, "invalid-input"), ("bug", 500, "internal-error"),
     ("no room", 503, "machine-trouble"), ("no database", 503, "machine-trouble")],
)  # fmt: skip
async def test_an_error_is_a_page_for_people_and_a_problem_for_programs(
    client: TestClient, what: str, status: int, code: str
) -> None:
    shown = await client.get(f"/fail/{what}", headers=HTML)
    assert (shown.status, shown.content_type) == (status, "text/html")
    problem = await client.get(f"/document/{what}")
    assert (problem.status, problem.content_type) == (status, "application/problem+json")
    answer = json.loads(await problem.text())
    assert (answer["status"], answer["code"]) == (status, code)
    assert "secret words" not in await shown.text() + json.dumps(answer)


async def test_a_page_says_what_to_do_where_not_even_who_looks_is_known(client: TestClient) -> None:
    """The database is gone, so that neither the visitor nor the frame of the page can be read."""
    gone = {**HTML, "X-Test-Visitor": GONE}
    for path in ("/mine", "/nowhere"):
        shown = await client.get(path, headers=gone)
        assert (shown.status, shown.content_type, shown.headers["Retry-After"]) == (503, "text/html", "60")
        assert "nic doctor says what is missing" in (text := await shown.text())
        assert "secret words" not in text
    spanish = await client.get("/mine", headers={**gone, "Accept-Language": "es"})
    assert '<html lang="es">' in await spanish.text()
    problem = await client.get("/api/v1/notes", headers={"X-Test-Visitor": GONE})
    assert (problem.status, (await problem.json())["code"]) == (503, "machine-trouble")


def test_a_log_line_keeps_where_it_was_and_not_what_was_typed() -> None:
    try:
        raise RuntimeError("secret words")
    except RuntimeError as error:
        event = keep_frames_only(None, "error", {"event": "request failed", "exc_info": error})
    assert event["exception"] == "RuntimeError"
    assert __file__ in event["frames"][0]
    assert "secret words" not in json.dumps(event)


def test_a_log_on_a_full_disk_hinders_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the node's log lies beside its database, both are full at once; the worker died of its own line."""
    lines: list[str] = []

    class Disk(io.StringIO):
        is_full = True

        def write(self, text: str) -> int:
            if self.is_full:
                raise OSError(28, "No space left on device")
            lines.append(text)
            return len(text)

        def flush(self) -> None:
            if self.is_full:
                raise OSError(28, "No space left on device")

    before = structlog.get_config()
    monkeypatch.setattr(sys, "stderr", disk := Disk())
    try:
        start_logging("warning")
        structlog.get_logger().error("full")
        disk.is_full = False
        structlog.get_logger().error("room again")
    finally:
        structlog.configure(**before)
    assert [json.loads(line)["event"] for line in "".join(lines).splitlines()] == ["room again"]


async def test_retry_after_is_said(client: TestClient) -> None:
    for path in ("/fail/many", "/document/many"):
        assert (await client.get(path, headers=HTML)).headers["Retry-After"] == "30"


async def test_strangers_go_to_sign_in_and_come_back(client: TestClient) -> None:
    answer = await client.get("/mine?page=2", headers=HTML, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in?next=/mine?page%3D2")
    assert (await client.get("/api/v1/notes")).status == 401


async def test_a_role_without_the_permission_is_refused(client: TestClient) -> None:
    reader, writer = {**HTML, "X-Test-Visitor": "reader"}, {**HTML, "X-Test-Visitor": "writer"}
    assert (await client.get("/mine", headers=reader)).status == 200
    assert (await client.get("/write", headers=reader)).status == 403
    assert (await client.get("/write", headers=writer)).status == 200


async def test_a_form_without_its_token_is_refused(client: TestClient) -> None:
    assert (await client.post("/form", data={"note": "x"}, headers=HTML)).status == 403
    kept = await token_of(client)
    wrong = {"Cookie": kept["Cookie"], **HTML}
    answer = await client.post("/form", data={"note": "x", "csrf_token": "other"}, headers=wrong)
    assert answer.status == 403


async def test_a_form_of_another_visit_comes_back_with_what_was_typed_but_for_passwords(client: TestClient) -> None:
    typed = {"note": "a <b> long & careful text", "password": "four words of mine", "csrf_token": "of yesterday"}
    page = await (await client.post("/form", data=typed, headers=HTML)).text()
    assert page.count("a &lt;b&gt; long &amp; careful text") == 2, "seen, and sent again"
    assert "four words of mine" not in page
    assert "of yesterday" not in page


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://school.example.org"])
async def test_a_form_from_elsewhere_is_refused_before_its_body_is_read(client: TestClient, origin: str) -> None:
    kept = await token_of(client)
    headers = {"Cookie": kept["Cookie"], "Origin": origin, **HTML}
    answer = await client.post("/form", data={"note": "x", "csrf_token": kept["token"]}, headers=headers)
    assert answer.status == 403


async def sent(client: TestClient, values: object) -> tuple[int, dict]:
    kept = await token_of(client)
    headers = {"Cookie": kept["Cookie"], "Origin": "https://school.example.org"}
    form = FormData()
    form.add_field("csrf_token", kept["token"])
    for name, value in values:
        form.add_field(name, value, filename=f"{name}.csv" if isinstance(value, bytes) else None)
    answer = await client.post("/form", data=form, headers=headers)
    return answer.status, await answer.json() if answer.content_type == "application/json" else {}


async def test_a_form_keeps_what_was_typed(client: TestClient) -> None:
    status, form = await sent(client, [("note", " hi "), ("count", "many"), ("colours", "red"), ("colours", "blue")])
    assert status == 200
    assert form["errors"] == {"count": ["Not a valid integer."]}
    assert form["values"] == {"note": "hi", "count": "many", "colours": ["red", "blue"]}


async def test_an_unknown_field_and_a_nul_are_refused(client: TestClient) -> None:
    _, form = await sent(client, [("note", "hi"), ("admin", "1")])
    assert list(form["errors"]) == ["admin"]
    _, form = await sent(client, [("note", "a\x00b")])
    assert list(form["errors"]) == ["note"]


async def test_a_file_is_taken_under_the_limit_and_refused_over_it(client: TestClient) -> None:
    status, form = await sent(client, [("note", "x"), ("file", b"a,b\n1,2\n")])
    assert (status, form["files"]) == (200, {"file": 8})
    status, _ = await sent(client, [("note", "x"), ("file", b"x" * 5000)])
    assert status == 413


async def test_a_key_beyond_64_bits_is_nowhere(client: TestClient) -> None:
    assert (await client.get("/notes/7", headers=HTML)).status == 200
    assert (await client.get(f"/notes/{2**70}", headers=HTML)).status == 404
    assert (await client.get("/notes/seven", headers=HTML)).status == 404


async def test_a_method_that_is_not_taken(client: TestClient) -> None:
    answer = await client.delete("/form")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")


async def test_a_peer_needs_no_form_token(client: TestClient) -> None:
    assert (await client.post("/v1/peer", data=b"{}")).status == 200


async def test_one_sentence_waits_for_the_next_page(client: TestClient) -> None:
    kept = await token_of(client)
    headers = {"Cookie": kept["Cookie"]}
    answer = await client.post("/saved", data={"csrf_token": kept["token"]}, headers=headers, allow_redirects=False)
    cookie = answer.cookies[flash.COOKIE].value
    assert answer.cookies[flash.COOKIE]["secure"], "the node's address is https"
    shown = await client.get("/sign-in", headers={"Cookie": f"{flash.COOKIE}={cookie}", **HTML})
    text = await shown.text()
    assert "Saved." in text
    assert "/undo" in text
    assert (shown.cookies[flash.COOKIE].value, shown.cookies[flash.COOKIE]["secure"]) == ("", True)


async def test_on_a_machine_of_ones_own_no_cookie_asks_for_https(tmp_path: Path) -> None:
    """A browser would throw it away."""

    def services(app: web.Application) -> None:
        app[context.SHELL] = shell
        app[context.LOAD_VISITOR] = load_visitor

    app = build_application(read_config(tmp_path, {}), pages=PAGES, operations=[], rooms=ROOMS, services=services)
    async with TestClient(TestServer(app)) as client:
        kept = await token_of(client)
        answer = await client.post("/saved", data={"csrf_token": kept["token"]}, allow_redirects=False)
    assert not answer.cookies[flash.COOKIE]["secure"]


@pytest.mark.parametrize("cookie", ["x", "e30=", "W10=", "A" * 3000, "bm9uc2Vuc2U="])
async def test_a_forged_sentence_says_nothing(client: TestClient, cookie: str) -> None:
    shown = await client.get("/sign-in", headers={"Cookie": f"{flash.COOKIE}={cookie}", **HTML})
    assert shown.status == 200


def api_headers(kept: dict[str, str]) -> dict[str, str]:
    return {
        "Cookie": kept["Cookie"],
        csrf.HEADER: kept["token"],
        "X-Test-Visitor": "writer",
        "Content-Type": "application/json",
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"note": "x"}', 201),
        (b'{"note": "x", "note": "y"}', 422),
        (b'{"note": NaN}', 422),
        (b'{"note": "x", "admin": true}', 422),
        (b"[1]", 422),
        (b"{", 422),
        (b"{" * 500, 422),
        (b'{"note": "' + b"x" * 2000 + b'"}', 413),
    ],
)
async def test_the_api_takes_strict_json(client: TestClient, body: bytes, status: int) -> None:
    answer = await client.post("/api/v1/notes", data=body, headers=api_headers(await token_of(client)))
    assert answer.status == status
    assert (answer.content_type == "application/problem+json") == (status >= 400)


async def test_the_api_takes_no_form_and_no_foreign_call(client: TestClient) -> None:
    kept = await token_of(client)
    headers = {**api_headers(kept), "Content-Type": "text/plain"}
    assert (await client.post("/api/v1/notes", data=b"{}", headers=headers)).status == 422
    without = {name: value for name, value in api_headers(kept).items() if name != csrf.HEADER}
    assert (await client.post("/api/v1/notes", data=b'{"note": "x"}', headers=without)).status == 403


async def test_an_unchanged_answer_is_not_sent_again(client: TestClient) -> None:
    headers = {"X-Test-Visitor": "writer"}
    first = await client.get("/api/v1/notes", headers=headers)
    again = await client.get("/api/v1/notes", headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")


@pytest.mark.parametrize("query", ["limit=0", "limit=1000", "after=-1", "surprise=1", "limit=x"])
async def test_a_wrong_query_is_refused(client: TestClient, query: str) -> None:
    answer = await client.get(f"/api/v1/notes?{query}", headers={"X-Test-Visitor": "writer"})
    assert answer.status == 422


def test_openapi_describes_each_operation() -> None:
    described = openapi_document(OPERATIONS, "1")
    assert described["openapi"] == "3.1.0"
    assert set(described["paths"]) == {"/api/v1/notes", "/api/v1/notes/{id}"}
    adding = described["paths"]["/api/v1/notes"]["post"]
    assert adding["tags"] == ["notes"]
    assert adding["requestBody"]["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/Note"
    assert described["paths"]["/api/v1/notes/{id}"]["get"]["parameters"][0]["name"] == "id"


async def test_static_files_are_kept_for_ever_by_their_hash(client: TestClient) -> None:
    shown = await (await client.get("/sign-in", headers=HTML)).text()
    href = re.search(r'href="(/static/style\.css\?v=[0-9a-f]+)"', shown).group(1)
    answer = await client.get(href)
    assert "immutable" in answer.headers["Cache-Control"]


async def test_a_translated_sentence_is_escaped_like_any_other(client: TestClient) -> None:
    environment = aiohttp_jinja2.get_env(client.app)
    shown = environment.from_string(
        '{{ _(typed) }} {{ _("of %(what)s", what=typed) }} {{ ngettext("one", "%(num)s", 3) }}'
    )
    assert shown.render(typed="<b>100%</b>") == "&lt;b&gt;100%&lt;/b&gt; of &lt;b&gt;100%&lt;/b&gt; 3"
