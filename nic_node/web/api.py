"""The JSON API: each operation is validated on its way in and dumped on its way out; OpenAPI 3.1 is made from that."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from aiohttp import web
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from nic_node.errors import InvalidInput
from nic_node.web.forms import errors_of
from nic_node.web.limits import read_limited
from nic_node.web.routes import Api, Call, Handler
from schemas.canonical import read_json
from schemas.document import InvalidDocument

PREFIX = "/api/v1"
PAGE_LIMIT = 100
BIGGEST_ID = 2**53 - 1


class ApiSchema(Schema):
    """The base of every JSON body, query and answer."""

    class Meta:
        unknown = RAISE


class PageQuery(ApiSchema):
    """Cursor paging: `after` is the id of the last item of the page before."""

    after = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=0, max=BIGGEST_ID))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=PAGE_LIMIT))


class ProblemSchema(ApiSchema):
    """RFC 9457 problem details."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String()
    fields_ = fields.Dict(data_key="fields")


def api_handler(operation: Api) -> Handler:
    """Wrap an operation into an aiohttp handler."""

    async def handle(request: web.Request) -> web.StreamResponse:
        body = await _load_body(request, operation) if operation.body else {}
        query = _load_query(request, operation.query) if operation.query else {}
        answer = await operation.handler(Call(request=request, body=body, query=query))
        if operation.answer is None:
            return web.Response(status=204)
        content = json.dumps(operation.answer.dump(answer), ensure_ascii=False, separators=(",", ":")).encode()
        return _with_etag(request, operation, content)

    return handle


async def _load_body(request: web.Request, operation: Api) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise InvalidInput({"": ["Send JSON with content type application/json."]})
    raw = await read_limited(request, operation.max_bytes)
    assert operation.body is not None
    try:
        document = read_json(raw, max_bytes=operation.max_bytes)
        if not isinstance(document, dict):
            raise InvalidInput({"": ["Send a JSON object."]})
        return dict(operation.body.load(document))
    except InvalidDocument as error:
        raise InvalidInput({error.path: [error.message]}) from error
    except ValidationError as error:
        raise InvalidInput(errors_of(error)) from error


def _load_query(request: web.Request, schema: Schema) -> dict[str, Any]:
    lists = {name for name, item in schema.fields.items() if isinstance(item, fields.List)}
    values: dict[str, Any] = {
        name: request.query.getall(name) if name in lists else request.query[name] for name in request.query
    }
    try:
        return dict(schema.load(values))
    except ValidationError as error:
        raise InvalidInput(errors_of(error)) from error


def _with_etag(request: web.Request, operation: Api, content: bytes) -> web.Response:
    headers = {"Cache-Control": "private, no-cache"}
    if operation.method == "GET":
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers["ETag"] = tag
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
    return web.Response(status=operation.status, body=content, content_type="application/json", headers=headers)


def openapi_document(operations: Iterable[Api], version: str) -> dict[str, Any]:
    """OpenAPI 3.1 of these operations, tagged by room."""
    spec = APISpec(
        title="nic-node",
        version=version,
        openapi_version="3.1.0",
        info={"description": "A school's improvement work and its network's practices. Errors are problem+json."},
        plugins=[MarshmallowPlugin(schema_name_resolver=_schema_name)],
    )
    spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "nic_session"})
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", schema=ProblemSchema)
    for operation in operations:
        spec.path(path=PREFIX + operation.path, operations={operation.method.lower(): _operation(operation)})
    document: dict[str, Any] = spec.to_dict()
    return document


def _schema_name(schema: Any) -> str:
    name = schema.__name__ if isinstance(schema, type) else type(schema).__name__
    return name.removesuffix("Schema")


def _operation(operation: Api) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": operation.summary}
    if operation.answer is not None:
        answer["content"] = {"application/json": {"schema": operation.answer}}
    problem = {
        "description": "A problem, in words, with a stable code.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    status = 204 if operation.answer is None else operation.status
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "security": [{"session": []}, {"token": []}],
        "responses": {str(status): answer, "default": problem},
        "parameters": [
            {"in": "path", "name": name, "required": True, "schema": _path_schema(name)}
            for name in _path_names(operation.path)
        ],
    }
    if operation.query is not None:
        described["parameters"] = [*described["parameters"], {"in": "query", "schema": operation.query}]
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    return described


def _path_names(path: str) -> list[str]:
    return [piece[1:-1] for piece in path.split("/") if piece.startswith("{")]


def _path_schema(name: str) -> dict[str, Any]:
    if name == "id" or name.endswith("_id"):
        return {"type": "integer", "minimum": 1, "maximum": BIGGEST_ID}
    return {"type": "string"}
