"""What a whole-node export holds: every table of the school's own work, and why each of the others stays here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from nic_node.i18n import N_

VERSION: Final = 1
MANIFEST: Final = "manifest.json"
OPERATOR_KEY: Final = "operator.key.sealed"
READ_ME: Final = "README.txt"
ROWS: Final = "rows/{table}.jsonl"
SHEETS: Final = "csv/{table}.csv"

A_WAY_IN: Final = N_("a way in, made anew")
WORK: Final = N_("work under way on this machine")
FROM_PEERS: Final = N_("read anew from each network, with its proofs")
NETWORK: Final = N_("a network moves by backup alone, so that its log is never written in two places")
NAMES: Final = N_("names of students and staff are exported by nothing")
ANSWERS: Final = N_("answers to an open survey: the difference of two exports would be one person's")
LETTERS: Final = N_("letters hold links, and may have been sent since")

STAYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "access_tokens": A_WAY_IN,
        "measure_links": A_WAY_IN,
        "one_time_links": A_WAY_IN,
        "sign_in_attempts": A_WAY_IN,
        "sign_in_sessions": A_WAY_IN,
        "jobs": WORK,
        "peerhttp_nonces": WORK,
        "mails": LETTERS,
        "publishing_roster": NAMES,
        "publishing_relayed": WORK,
        "pulse_counts": ANSWERS,
        "pulse_turns": ANSWERS,
    }
)
STAYS_BY_ROOM: Final[Mapping[str, str]] = MappingProxyType({"mirror_": FROM_PEERS, "network": NETWORK})
LEFT_OUT: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "people": frozenset({"password_hash"}),
        "publishing_incidents": frozenset({"sealed_note"}),
        # What a school shares is its own: it is asked anew.
        "district_schools": frozenset({"shared"}),
    }
)


def why_it_stays(table: str) -> str | None:
    """Why a table is not exported; None for one that is."""
    of_room = (why for prefix, why in STAYS_BY_ROOM.items() if table.startswith(prefix))
    return STAYS.get(table) or next(of_room, None)


def is_exported(table: str) -> bool:
    return why_it_stays(table) is None
