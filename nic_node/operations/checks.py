"""What a check of the doctor finds: a state, a sentence, and the next step where one is needed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from nic_node.i18n import N_


class CheckState(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


NAMES: Final = {
    "configuration": N_("Configuration"),
    "folder": N_("Data folder"),
    "operator-key": N_("Operator’s key"),
    "keys": N_("Keys"),
    "database": N_("Database"),
    "migrations": N_("Tables"),
    "clock": N_("Clock"),
    "reachability": N_("Reachable from outside"),
    "mirror": N_("Copies of networks’ logs"),
    "log": N_("Logs written here"),
    "queue": N_("Work in the background"),
    "mail": N_("E-mail"),
    "disk": N_("Disk"),
    "backup": N_("Backup"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One finding. `sentence` and `next_step` ("" where none is needed) are for the catalogue, `values` to put in."""

    name: str
    state: CheckState
    sentence: str
    next_step: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, str]:
        """As `nic doctor --json` and the API answer it."""
        return {
            "name": self.name,
            "state": self.state.value,
            "sentence": self.sentence % self.values if self.values else self.sentence,
            "next_step": self.next_step % self.values if self.values else self.next_step,
        }


def ok(name: str, sentence: str, /, **values: Any) -> Check:
    return Check(name=name, state=CheckState.OK, sentence=sentence, values=values)


def warn(name: str, sentence: str, next_step: str, /, **values: Any) -> Check:
    return Check(name=name, state=CheckState.WARN, sentence=sentence, next_step=next_step, values=values)


def fail(name: str, sentence: str, next_step: str, /, **values: Any) -> Check:
    return Check(name=name, state=CheckState.FAIL, sentence=sentence, next_step=next_step, values=values)


def is_well(checks: Iterable[Check]) -> bool:
    """Whether none failed; a warning is for a quiet hour."""
    return all(check.state is not CheckState.FAIL for check in checks)
