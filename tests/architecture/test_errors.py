"""Every error has a status, every wire code a title: none falls through to 500."""

from federation.errors import FederationError
from nic_node import errors
from nic_node.web.problems import STATUS, status_and_code
from schemas.problem import PROBLEMS, Code


def subclasses(root: type[Exception]) -> list[type[Exception]]:
    return [found for child in root.__subclasses__() for found in (child, *subclasses(child))]


def test_every_error_of_ours_has_a_status() -> None:
    direct = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.NicError)]
    assert set(STATUS) == set(direct) - {errors.NicError}


def test_every_wire_code_is_described() -> None:
    assert set(PROBLEMS) == set(Code)
    assert not [code for code, problem in PROBLEMS.items() if not 400 <= problem.status <= 599 or not problem.title]


def test_a_federation_error_answers_with_its_own_code() -> None:
    for kind in subclasses(FederationError):
        if kind.__init__ is FederationError.__init__:
            error = kind(Code.SIGNATURE_INVALID, "It is not signed by its author.")
            assert status_and_code(error)[1] == Code.SIGNATURE_INVALID
