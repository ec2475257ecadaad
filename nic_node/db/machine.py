"""What only the machine under the node lacks: room, a right, its database. No job and no page can settle that."""

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError

from nic_node.errors import MachineTrouble

_OF_THE_MACHINE = (OSError, DBAPIError, MachineTrouble)
_OURS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
"""What a database refuses whatever room it has."""


def is_of_the_machine(error: Exception) -> bool:
    is_ours = isinstance(error, _OURS) or _is_wrong_for_sqlite(error)
    return isinstance(error, _OF_THE_MACHINE) and not is_ours


def _is_wrong_for_sqlite(error: Exception) -> bool:
    """A statement that SQLite can't make sense of; its driver calls that operational too, as it does a full disk."""
    code = getattr(error.orig, "sqlite_errorcode", None) if isinstance(error, DBAPIError) else None
    return code == sqlite3.SQLITE_ERROR
