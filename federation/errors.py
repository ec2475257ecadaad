"""What can go wrong between nodes.

FederationError
+-- Untrusted     what a peer sent is wrong: refused, kept for the operator, never retried silently
+-- Unreachable   a peer gave no usable answer: says nothing about trust, always retried
"""

from schemas.code import Code
from schemas.invalid import InvalidDocument


class FederationError(Exception):
    """Carries a wire code (stable) and one plain sentence (may be reworded, may be shown)."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.detail} [{self.code}]"


class Untrusted(FederationError):
    """A signature, statement, record, proof or document that does not hold."""


class Unreachable(FederationError):
    """No answer, or one that says 'later'."""

    def __init__(self, code: Code, detail: str, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(code, detail)
        self.retry_after_seconds = retry_after_seconds


def untrusted_document(error: InvalidDocument, code: Code | None = None) -> Untrusted:
    """The same finding about a document, as a verdict about who sent it; under a code of the reader's own, if given."""
    where = f" (at {error.path})" if error.path else ""
    return Untrusted(code or error.code, f"{error.message}{where}")
