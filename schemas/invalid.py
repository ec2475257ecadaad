"""The one error of this package."""

from schemas.code import Code


class InvalidDocument(ValueError):
    """Bytes or a value that are not the document they should be.

    `path` is a JSON pointer (RFC 6901) to the first thing that is wrong, "" for the document itself.
    """

    def __init__(self, code: Code, message: str, path: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = path
