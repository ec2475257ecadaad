"""What a detector says about a stretch of text."""

from dataclasses import dataclass
from typing import Literal

MarkType = Literal[
    "PERSON", "SCHOOL", "DISTRICT", "PLACE", "ADDRESS", "EMAIL", "PHONE", "ID", "DATE", "ROOM", "URL",
    "SINGLING_OUT", "UNKNOWN_NAME",
]  # fmt: skip
Severity = Literal["info", "ask", "block"]
Source = Literal["pattern", "roster", "title", "singling-out", "unknown-name"]


@dataclass(frozen=True, slots=True)
class Mark:
    """[start, end) is a `type`; info: it is replaced, ask: a person says, block: a person rewrites."""

    start: int
    end: int
    type: MarkType
    severity: Severity
    source: Source
    replacement: str | None = None
