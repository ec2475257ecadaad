"""From an error to its HTTP status: the one place where that is decided."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from federation.errors import FederationError, Unreachable
from nic_node.errors import (
    Conflict,
    InvalidInput,
    MachineTrouble,
    NicError,
    NotAllowed,
    NotConfigured,
    NotFound,
    NotReady,
    SignInNeeded,
    Stale,
    TooLarge,
    TooMany,
)
from schemas.canonical import canonical_bytes
from schemas.problem import PROBLEMS, Code, problem_document

PROBLEM_JSON = "application/problem+json"

STATUS: dict[type[NicError], tuple[int, Code]] = {
    NotFound: (404, Code.NOT_FOUND),
    SignInNeeded: (401, Code.SIGN_IN_NEEDED),
    NotAllowed: (403, Code.NOT_ALLOWED),
    Conflict: (409, Code.CONFLICT),
    Stale: (409, Code.STALE_VERSION),
    InvalidInput: (422, Code.INVALID_INPUT),
    TooLarge: (413, Code.TOO_LARGE),
    TooMany: (429, Code.TOO_MANY_REQUESTS),
    MachineTrouble: (503, Code.MACHINE_TROUBLE),
    NotConfigured: (503, Code.NOT_CONFIGURED),
    NotReady: (503, Code.NOT_READY),
}


def status_and_code(error: NicError | FederationError) -> tuple[int, Code]:
    if isinstance(error, FederationError):
        status = 502 if isinstance(error, Unreachable) else PROBLEMS[error.code].status
        return status, error.code
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 500, Code.INTERNAL_ERROR


def problem_response(status: int, code: Code, detail: str, extra: Mapping[str, Any] | None = None) -> web.Response:
    """An RFC 9457 answer."""
    document = {**problem_document(code, detail, **dict(extra or {})), "status": status}
    return web.Response(status=status, body=canonical_bytes(document), content_type=PROBLEM_JSON)


def problem_of(error: NicError | FederationError) -> web.Response:
    status, code = status_and_code(error)
    extra = {"fields": error.fields} if isinstance(error, InvalidInput) else {}
    response = problem_response(status, code, _detail_of(error), extra)
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _detail_of(error: NicError | FederationError) -> str:
    """A program has no form in which its values still stand."""
    if isinstance(error, FederationError):
        return error.detail
    return error.FOR_PROGRAMS if isinstance(error, Stale) else error.sentence
