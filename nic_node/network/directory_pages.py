"""The school directory: what is in it, a new file looked at before it replaces it."""

from typing import Any

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.accounts.forms import EmptyForm
from nic_node.errors import InvalidInput, TooLarge
from nic_node.i18n import N_
from nic_node.network.directory import (
    compare_directory,
    confirm_upload,
    count_directory,
    discard_upload,
    keep_upload,
    last_import,
    read_in_thread,
    waiting_upload,
)
from nic_node.network.directory_file import DIRECTORY_MAX_BYTES
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

ROUTE = "network.directory"
CHOOSE = N_("Choose the directory file.")
TOO_LARGE = N_("This file is larger than 16 MB. Keep the rows of your region, or fewer columns.")


async def show_directory(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def take_directory(request: web.Request) -> web.Response:
    """A file is read and waits; the next page says what it would change."""
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
    try:
        form = await read_form(request, EmptyForm(), max_bytes=DIRECTORY_MAX_BYTES)
    except TooLarge:
        return await _page(request, _refused(TOO_LARGE), status=413)
    upload = form.files.get("file")
    if upload is None:
        return await _page(request, _refused(CHOOSE), status=422)
    try:
        file = await read_in_thread(upload.content)
    except InvalidInput as error:
        return await _page(request, _refused(error.sentence), status=422)
    async with database(request).writing() as session:
        sha256 = await keep_upload(
            session, network_id=network.id, name=upload.name, file=file, actor=actor_of(request), now=now(request)
        )
    return see_other(request, "network.directory_preview", id=network.id, sha256=sha256)


async def show_preview(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        name, file = await waiting_upload(session, network_id=network.id, sha256=_sha256(request), now=now(request))
        changes = await compare_directory(session, network.id, file)
    values: dict[str, Any] = {
        "file_name": name,
        "file": file,
        "changes": changes,
        "sha256": _sha256(request),
        **coordinator_shell(request, network, ROUTE),
    }
    return await render(request, "network/directory_preview.html", values)


async def take_preview(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        network = await coordinated_network(request, session)
        await confirm_upload(
            session, network_id=network.id, sha256=_sha256(request), actor=actor_of(request), now=now(request)
        )
    response = see_other(request, ROUTE, id=network.id)
    return flash.say(response, N_("The directory is replaced; applications are checked against it now."))


async def take_discard(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        network = await coordinated_network(request, session)
        await discard_upload(session, network_id=network.id, actor=actor_of(request))
    return flash.say(see_other(request, ROUTE, id=network.id), N_("Nothing was kept of that file."))


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        number, newest = await count_directory(session, network.id), await last_import(session, network.id)
    values: dict[str, Any] = {
        "form": form,
        "number": number,
        "newest": newest,
        **coordinator_shell(request, network, ROUTE),
    }
    return await render(request, "network/directory.html", values, status=status)


def _refused(sentence: str) -> Form:
    form = blank_form()
    form.errors["file"] = [sentence]
    return form


def _sha256(request: web.Request) -> str:
    return request.match_info["sha256"]
