"""`nic simulate`: the contract's answer, and calls that make no sense."""

import pytest

from tests.cli.calls import is_one_sentence, nic

CONTRACT = {
    "nodes": int,
    "records": int,
    "converged_p50_s": float,
    "converged_p99_s": float,
    "bytes_per_node": int,
    "bytes_per_record": int,
    "lost": int,
    "duplicated": int,
}


def test_the_answer_has_the_contracts_shape() -> None:
    found = nic("simulate", "--nodes", 5, "--seed", 3, "--days", 4, "--json").document

    assert {name: type(found[name]) for name in CONTRACT} == CONTRACT
    assert (found["nodes"], found["fault"], found["seed"], found["shared_verdicts"]) == (5, "healthy", 3, False)
    assert (found["records"], found["lost"], found["duplicated"]) == (20, 0, 0)
    assert sum(found["bytes"].values()) == found["bytes_per_node"]
    assert found["bytes_per_record"] == round(found["bytes_per_node"] / 20)


def test_for_people_it_says_the_same_in_words() -> None:
    answer = nic("simulate", "--nodes", 2, "--days", 4)

    assert answer.code == 0
    assert "Lost, duplicated" in answer.out
    assert "Take 3 nodes or more" in answer.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--nodes", "1"], "2 to 100,000 nodes"),
        (["--nodes", "100001"], "2 to 100,000 nodes"),
        (["--nodes", "many"], "not a valid integer"),
        (["--nodes", "10", "--fault", "bogus"], "is not one of"),
        (["--nodes", "10", "--days", "1"], "4 days at least"),
        (["--seed", "1"], "Missing option"),
    ],
)
def test_a_wrong_call(arguments: list[str], words: str) -> None:
    answer = nic("simulate", *arguments)

    assert (answer.code, answer.out) == (2, "")
    assert words in answer.err
    assert is_one_sentence(answer.err)
