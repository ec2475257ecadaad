import re

import pytest

from schemas.problem import PROBLEMS, Code, problem_document


def test_every_code_has_its_status_and_sentence():
    assert list(PROBLEMS) == list(Code)
    for code, problem in PROBLEMS.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
        assert code.name == code.value.replace("-", "_").upper()
        assert 400 <= problem.status < 600
        assert re.fullmatch(r"[A-Z].+\.", problem.title)


def test_no_two_codes_say_the_same():
    assert len({problem.title for problem in PROBLEMS.values()}) == len(PROBLEMS)


def test_problem_document():
    assert problem_document(Code.STALE_VERSION, "Look again.", version=3) == {
        "type": "urn:nic:problem:stale-version",
        "title": "It was changed in the meantime.",
        "status": 409,
        "code": "stale-version",
        "detail": "Look again.",
        "version": 3,
    }
    assert "detail" not in problem_document(Code.GONE)


@pytest.mark.parametrize(
    ("code", "status"), [(Code.NOT_FOUND, 404), (Code.TOO_LARGE, 413), (Code.TOO_MANY_REQUESTS, 429)]
)
def test_statuses_of_http(code, status):
    assert PROBLEMS[code].status == status
