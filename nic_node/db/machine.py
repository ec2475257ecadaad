"""What only the machine under the node lacks: room, a right, its database. No job and no page can settle that."""

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError

from nic_node.errors import MachineTrouble

_OF_THE_MACHINE = (OSError, DBAPIError, MachineTrouble)
_OURS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
"""What a database refuses whatever room it has."""


def is_of_the_machine(error: Exception) -> bool:
    return isinstance(error, _OF_THE_MACHINE) and not isinstance(error, _OURS)
