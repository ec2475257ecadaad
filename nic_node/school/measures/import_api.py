"""Files in, as JSON: preview, confirm, take back."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from nic_node.accounts.actor import actor_of
from nic_node.errors import InvalidInput
from nic_node.school.measures import api_schemas as shapes
from nic_node.school.measures.compare import summary
from nic_node.school.measures.confirm_import import confirm_import, take_back_import
from nic_node.school.measures.file_import import read_upload
from nic_node.school.measures.read import measure_of
from nic_node.school.measures.read_file import ReadOptions
from nic_node.school.measures.tables import MeasureImport
from nic_node.school.measures.uploads import Preview, discard_import, imports_of, preview_import, told_import
from nic_node.school.today import school_day
from nic_node.web.context import database, now
from nic_node.web.language import words_of
from nic_node.web.routes import Api, Call

IMPORTS = "/measures/{id}/imports"
FILE_BYTES = 16 * 1024 * 1024


def import_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path=IMPORTS,
            name="api.measures.imports",
            handler=list_imports,
            permit="measures.read",
            tag="measures",
            summary="Files that were taken, the newest first.",
            answer=shapes.ImportsSchema(),
        ),
        Api(
            method="POST",
            path=IMPORTS,
            name="api.measures.preview",
            handler=preview,
            permit="measures.write",
            tag="measures",
            summary="Read a CSV and say what it would change; nothing is kept before the confirmation.",
            body=shapes.NewImportSchema(),
            answer=shapes.ImportPreviewSchema(),
            max_bytes=FILE_BYTES,
        ),
        Api(
            method="POST",
            path=IMPORTS + "/{import_id}/confirm",
            name="api.measures.confirm",
            handler=confirm,
            permit="measures.write",
            tag="measures",
            summary="Keep what a preview showed, with a decision for each suspicious row.",
            body=shapes.ConfirmSchema(),
            answer=shapes.ImportSchema(),
        ),
        Api(
            method="DELETE",
            path=IMPORTS + "/{import_id}",
            name="api.measures.discard",
            handler=discard,
            permit="measures.write",
            tag="measures",
            summary="Forget a file that waits for its confirmation.",
        ),
        Api(
            method="POST",
            path=IMPORTS + "/{import_id}/undo",
            name="api.measures.undo_import",
            handler=undo,
            permit="measures.write",
            tag="measures",
            summary="Take an import back.",
            answer=shapes.UndoneSchema(),
        ),
    ]


async def list_imports(call: Call) -> Any:
    async with database(call.request).reading() as session:
        await measure_of(session, call.path_id())
        return {"items": [_told(call, done) for done in await imports_of(session, call.path_id())]}


async def preview(call: Call) -> Any:
    request, body = call.request, call.body
    options = ReadOptions(
        layout=body["layout"], columns=body["columns"], recipe=body["recipe"], window_ends=body["window_ends"]
    )
    read = await read_upload(
        database(request),
        measure_id=call.path_id(),
        content=_content(body),
        file_name=body["file_name"],
        options=options,
        now=now(request),
        today=school_day(request),
    )
    async with database(request).writing() as session:
        shown = await preview_import(
            session, actor=actor_of(request), measure_id=call.path_id(), upload=read, now=now(request)
        )
    return _shown(call, shown)


def _content(body: Mapping[str, Any]) -> bytes:
    if not body["workbook"]:
        return bytes(body["text"].encode())
    try:
        return base64.b64decode(body["workbook"], validate=True)
    except binascii.Error as error:
        sentence = "This is no base64; encode the whole file with it."
        raise InvalidInput({"workbook": [sentence]}, sentence) from error


async def confirm(call: Call) -> Any:
    request, body = call.request, call.body
    async with database(request).writing() as session:
        done = await confirm_import(
            session,
            actor=actor_of(request),
            measure_id=call.path_id(),
            import_id=call.path_id("import_id"),
            decisions={entry["line"]: entry["decision"] for entry in body["decisions"]},
            others=body["others"],
            seen=body["seen"],
            now=now(request),
        )
    return _told(call, done)


async def discard(call: Call) -> None:
    request = call.request
    async with database(request).writing() as session:
        await discard_import(
            session,
            actor=actor_of(request),
            measure_id=call.path_id(),
            import_id=call.path_id("import_id"),
            now=now(request),
        )


async def undo(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        kept = await take_back_import(
            session,
            actor=actor_of(request),
            measure_id=call.path_id(),
            import_id=call.path_id("import_id"),
            now=now(request),
        )
    return {"id": call.path_id("import_id"), "state": "undone", "kept": kept}


def _told(call: Call, done: MeasureImport) -> dict[str, Any]:
    names = ("id", "state", "file_name", "rows_read", "created_at", "done_at")
    told = {name: getattr(done, name) for name in names}
    return {**told, "kept": len(done.before), "said": told_import(done).said(words_of(call.request)[0])}


def _shown(call: Call, shown: Preview) -> dict[str, Any]:
    catalogue, _ = words_of(call.request)
    comparison = shown.comparison
    counts = {state: comparison.count(state) for state in ("new", "changed", "same")}
    rows = []
    for row in comparison.rows:
        numbers, suspicion = row.row.numbers, row.suspicion
        rows.append(
            {
                "line": row.row.line,
                "period": row.row.period,
                "value": numbers.value if numbers else None,
                "x": numbers.x if numbers else None,
                "n": numbers.n if numbers else None,
                "was": row.was,
                "state": row.state,
                "suspicion": suspicion.code if suspicion else None,
                "words": suspicion.words.said(catalogue) if suspicion else "",
                "decisions": list(row.decisions) if suspicion else [],
            }
        )
    return {
        "id": shown.id,
        "state": shown.state,
        "said": summary(comparison, is_counted=shown.is_counted, rows_read=shown.rows_read).said(catalogue),
        "seen": comparison.seen,
        "counted": shown.is_counted,
        "rows_read": shown.rows_read,
        "counts": {**counts, "bad": shown.fault_count, "suspicious": len(comparison.suspicious)},
        "rows": rows,
        "faults": [{"line": fault.line, "words": fault.words.said(catalogue)} for fault in shown.faults],
    }
