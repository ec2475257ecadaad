"""When the last backup was made: a note in the data folder, for the doctor. It is no part of a backup."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

NOTE: Final = "last-backup.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastBackup:
    at: datetime
    file: str


def note_backup(folder: Path, last: LastBackup) -> None:
    """Replaced whole, so that nobody reads half of it."""
    draft = folder / f".{NOTE}.part"
    draft.write_text(json.dumps({"at": last.at.isoformat(), "file": last.file}), encoding="utf-8")
    draft.replace(folder / NOTE)


def read_last_backup(folder: Path) -> LastBackup | None:
    """None where there is none, or where the note can't be read."""
    try:
        said = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        return LastBackup(at=datetime.fromisoformat(said["at"]), file=str(said["file"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
