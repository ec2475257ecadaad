"""How a command ends: 0 done, 1 refused or failed, 2 a wrong call. The one sentence goes to stderr."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from sqlalchemy.exc import SQLAlchemyError

from federation.errors import FederationError
from nic_node.errors import InvalidInput, NicError

REFUSED = 1
WRONG_CALL = 2
NO_DATABASE = "The database can't be used. Check DATABASE_URL, and that its server runs."


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
    except SQLAlchemyError as error:
        # A driver's message may hold a password or a row; its kind says enough.
        leave(f"{NO_DATABASE} ({type(error).__name__})")
    except BrokenPipeError:
        raise  # whoever read the output wants no more, as `head`: click ends the command without a word
    except OSError as error:
        leave(_of_the_machine(error))


def _of_the_machine(error: OSError) -> str:
    """What the operating system refused: a file, a folder, a server that does not answer."""
    where = f"{error.filename}: " if isinstance(error.filename, str) else ""
    return f"{where}{error.strerror or error}. Check that it is there, and that this user may use it."


def _by_field(error: InvalidInput) -> Iterator[str]:
    """'field: what is wrong with it', but for what the sentence has said already."""
    for name, lines in error.fields.items():
        further = [line for line in lines if line != error.sentence]
        if further:
            yield f"{name}: {' '.join(further)}".removeprefix(": ")


def leave(sentence: str, code: int = REFUSED) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise SystemExit(code)
