"""How a command ends: 0 done, 1 refused or failed, 2 a wrong call. The one sentence goes to stderr."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from federation.errors import FederationError
from nic_node.errors import InvalidInput, NicError

DONE = 0
REFUSED = 1
WRONG_CALL = 2


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what a verb raises into one sentence on stderr and the exit code."""
    try:
        yield
    except InvalidInput as error:
        told = list(_by_field(error))
        if not told or error.sentence != InvalidInput({}).sentence:
            told.insert(0, error.sentence)
        leave(" ".join(told))
    except NicError as error:
        leave(error.sentence)
    except FederationError as error:
        leave(f"{error.detail} ({error.code})")


def _by_field(error: InvalidInput) -> Iterator[str]:
    """'field: what is wrong with it', but for what the sentence has said already."""
    for name, lines in error.fields.items():
        further = [line for line in lines if line != error.sentence]
        if further:
            yield f"{name}: {' '.join(further)}".removeprefix(": ")


def leave(sentence: str, code: int = REFUSED) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise SystemExit(code)
