"""docs/protocol.md stays true: every example loads, everything has an example, the tables are those of the code."""

import re

import pytest

from federation.rules import verify_payload_rules
from schemas.canonical import canonical_bytes, document_sha256, sha256_hex
from schemas.entity import federation_error_document
from schemas.practice import PAYLOADS
from schemas.problem import PROBLEMS, Code, problem_document
from tests.unit.schemas.protocol_examples import LOADERS, PAGE, WITHOUT_SCHEMA, example, example_names


@pytest.mark.parametrize("name", example_names())
def test_example_loads_and_nothing_is_converted(name):
    assert LOADERS[name](example(name)) == example(name)


def test_every_document_has_an_example():
    assert set(example_names()) == set(LOADERS)


def test_examples_without_a_schema_are_what_the_code_builds():
    problem = example("problem")
    extra = {key: value for key, value in problem.items() if key not in {"type", "title", "status", "code", "detail"}}
    assert problem == problem_document(Code(problem["code"]), problem["detail"], **extra)
    shown = example("federation-error")
    assert shown == federation_error_document(shown["error"], shown["error_description"])
    assert {"problem", "federation-error"} == WITHOUT_SCHEMA


def test_hashes_in_the_examples_are_those_of_the_examples():
    policy, lattice, charter = (document_sha256(example(name)) for name in ("policy", "lattice", "charter"))
    assert example("epoch")["policy_sha256"] == policy
    assert example("open")["lattice_sha256"] == lattice
    assert example("practice")["context"]["lattice_sha256"] == lattice
    assert example("network-configuration")["metadata"]["nic_network"]["charter_sha256"] == charter
    assert example("record")["blob_sha256"] == sha256_hex(canonical_bytes(example("blob")))


@pytest.mark.parametrize("kind", sorted(PAYLOADS))
def test_payload_examples_keep_the_rules_of_disclosure(kind):
    verify_payload_rules(kind, example(kind), example("policy"), example("lattice"))


def test_the_table_of_codes_is_whole():
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (\d+) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(str(code), str(problem.status), problem.title) for code, problem in PROBLEMS.items()]
