"""A file in: upload or paste, look at what it would do, decide on the odd ones, confirm; and take it back."""

from typing import Any

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.school.measures.compare import Comparison, summary
from nic_node.school.measures.confirm_import import confirm_import, take_back_import
from nic_node.school.measures.file_import import read_upload
from nic_node.school.measures.forms import (
    CHOICES,
    TOGETHER,
    EmptyForm,
    ImportForm,
    confirm_form,
    decided_together,
    decisions_of,
    read_options,
    refused_fields,
    remembered_values,
)
from nic_node.school.measures.pages import read_measure
from nic_node.school.measures.tables import Measure
from nic_node.school.measures.uploads import (
    Preview,
    discard_import,
    facts_of,
    preview_import,
    waiting_preview,
)
from nic_node.school.measures.words import value_words
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormTooLarge, blank_form, read_form
from nic_node.web.language import words_of
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

UPLOAD_BYTES = 16 * 1024 * 1024
TOO_LARGE = N_("This file is larger than 16 MB. Split it by month, or send only the columns that are needed.")
DECIDE_ON_ALL = N_("Decide on these days.")


async def new_import(request: web.Request) -> web.Response:
    measure = await read_measure(request)
    async with database(request).reading() as session:
        facts = await facts_of(session, measure.id)
    return await _upload_page(request, blank_form({"layout": "auto", **remembered_values(facts.remembered)}), measure)


async def take_upload(request: web.Request) -> web.Response:
    measure = await read_measure(request)
    try:
        form = await read_form(request, ImportForm(), max_bytes=UPLOAD_BYTES)
    except FormTooLarge as error:
        form = blank_form({"layout": "auto", **error.typed})
        form.errors["file"] = [TOO_LARGE]
        return await _upload_page(request, form, measure, status=413)
    if not form.ok:
        return await _upload_page(request, form, measure, status=422)
    upload = form.files.get("file")
    content = upload.content if upload is not None else form.data["text"].encode()
    try:
        read = await read_upload(
            database(request),
            measure_id=measure.id,
            content=content,
            file_name=upload.name if upload is not None else "",
            options=read_options(form.data),
            now=now(request),
            today=school_day(request),
        )
    except InvalidInput as error:
        form.errors.update(refused_fields(error.fields))
        return await _upload_page(request, form, measure, status=422)
    async with database(request).writing() as session:
        preview = await preview_import(
            session, actor=actor_of(request), measure_id=measure.id, upload=read, now=now(request)
        )
    if preview.id is None:
        said = summary(preview.comparison, is_counted=False, rows_read=preview.rows_read)
        catalogue, _ = words_of(request)
        return flash.say(see_other(request, "measures.show", id=measure.id), said.said(catalogue))
    return see_other(request, "measures.preview", id=measure.id, import_id=preview.id)


async def show_preview(request: web.Request) -> web.Response:
    preview = await _read_preview(request)
    return await _preview_page(request, preview, blank_form({"seen": preview.comparison.seen}))


async def take_preview(request: web.Request) -> web.Response:
    preview = await _read_preview(request)
    form = await read_form(request, confirm_form(preview.comparison), max_bytes=FORM_BYTES)
    if not form.ok:
        return await _look_again(request, preview, form)
    everywhere = {code: said for code in TOGETHER if (said := form.data.get(f"all-{code}"))}
    try:
        async with database(request).writing() as session:
            done = await confirm_import(
                session,
                actor=actor_of(request),
                measure_id=preview.measure.id,
                import_id=int(request.match_info["import_id"]),
                decisions=decisions_of(form),
                others=everywhere,
                seen=form.data.get("seen", ""),
                now=now(request),
            )
    except InvalidInput as error:
        form.refuse(error)
        form.errors = _said_once(form.errors, preview.comparison)
        return await _preview_page(request, preview, form, status=422)
    except Conflict as error:
        form.errors[""] = [error.sentence]
        return await _look_again(request, await _read_preview(request), form)
    undo = request.app.router["measures.undo_import"].url_for(id=str(preview.measure.id), import_id=str(done.id))
    catalogue, _ = words_of(request)
    said = summary(preview.comparison, is_counted=preview.is_counted, rows_read=preview.rows_read).said(catalogue)
    response = see_other(request, "measures.show", id=preview.measure.id)
    return flash.say(response, said, undo_url=str(undo))


async def take_discard(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    measure_id = int(request.match_info["id"])
    async with database(request).writing() as session:
        await discard_import(
            session,
            actor=actor_of(request),
            measure_id=measure_id,
            import_id=int(request.match_info["import_id"]),
            now=now(request),
        )
    return flash.say(see_other(request, "measures.show", id=measure_id), N_("Nothing was kept of that file."))


async def take_undo(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    measure_id = int(request.match_info["id"])
    async with database(request).writing() as session:
        kept = await take_back_import(
            session,
            actor=actor_of(request),
            measure_id=measure_id,
            import_id=int(request.match_info["import_id"]),
            now=now(request),
        )
    said = N_("The import is taken back.")
    if kept:
        said = N_("The import is taken back. Numbers that somebody changed since then stay as they are.")
    return flash.say(see_other(request, "measures.show", id=measure_id), said)


async def _read_preview(request: web.Request) -> Preview:
    async with database(request).reading() as session:
        return await waiting_preview(
            session,
            actor=actor_of(request),
            measure_id=int(request.match_info["id"]),
            import_id=int(request.match_info["import_id"]),
            now=now(request),
        )


async def _upload_page(request: web.Request, form: Form, measure: Measure, *, status: int = 200) -> web.Response:
    values = {"form": form, "measure": measure, "choices": CHOICES, "asks": _asks(form)}
    return await render(request, "measures/import.html", values, status=status)


def _asks(form: Form) -> bool:
    """Whether the questions about columns stand open: a fault is among them."""
    return any(name.startswith("column_") or name == "window_ends" for name in form.errors)


async def _look_again(request: web.Request, preview: Preview, form: Form) -> web.Response:
    form.values["seen"] = preview.comparison.seen
    form.errors.setdefault(
        "", [N_("The numbers changed since you looked at this file. Look at it again, then confirm.")]
    )
    return await _preview_page(request, preview, form, status=409)


def _said_once(errors: dict[str, list[str]], comparison: Comparison) -> dict[str, list[str]]:
    """A fault of each of many days is one of their common question."""
    said = dict(errors)
    for code, rows in decided_together(comparison).items():
        undecided = [said.pop(f"decision-{row.row.line}", None) for row in rows]
        if any(undecided):
            said[f"all-{code}"] = [DECIDE_ON_ALL]
    return said


async def _preview_page(request: web.Request, preview: Preview, form: Form, *, status: int = 200) -> web.Response:
    catalogue, _ = words_of(request)
    comparison = preview.comparison
    measure = preview.measure

    def told(row: Any) -> dict[str, Any]:
        numbers = row.row.numbers
        return {
            "line": row.row.line,
            "period": row.row.period,
            "value": value_words(measure, numbers.value if numbers else None),
            "was": value_words(measure, row.was) if row.state == "changed" else "",
            "state": row.state,
            "words": row.suspicion.words.said(catalogue) if row.suspicion else "",
            "suggest": row.suspicion.suggest if row.suspicion else "",
            "choices": [(name, label) for name, label in CHOICES["decision"] if name in row.decisions],
        }

    together = decided_together(comparison)
    alone = [row for row in comparison.suspicious if not any(row in rows for rows in together.values())]
    values = {
        "form": form,
        "preview": preview,
        "measure": measure,
        "counts": {state: comparison.count(state) for state in ("new", "changed", "same")},
        "odd": [told(row) for row in alone],
        "together": {code: [told(row) for row in rows] for code, rows in together.items()},
        "undecided": len(comparison.suspicious),
        "rows": [told(row) for row in comparison.rows],
        "faults": [(fault.line, fault.words.said(catalogue)) for fault in preview.faults if fault.line],
        "said": summary(comparison, is_counted=preview.is_counted, rows_read=preview.rows_read).said(catalogue),
    }
    return await render(request, "measures/preview.html", values, status=status)
