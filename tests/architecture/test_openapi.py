"""The API describes itself without ambiguity, in the rooms that the contract names."""

import warnings
from collections import Counter

from nic_node.app.routes import all_operations
from nic_node.web.api import openapi_document

ROOMS = {
    "profile", "team", "self-assessment", "plan", "projects", "cycles", "causes", "drivers", "measures", "meetings",
    "actions", "visits", "coaching", "communities", "reflection", "pulse", "return", "handover", "communication",
    "today", "practices", "search", "questions", "publishing", "evidence", "membership", "network", "log", "accounts",
    "operations",
}  # fmt: skip


def test_every_operation_stands_in_a_room_of_the_contract() -> None:
    assert not [operation.name for operation in all_operations() if operation.tag not in ROOMS]


def test_names_of_operations_are_unique() -> None:
    counted = Counter(operation.name for operation in all_operations())
    assert not [name for name, count in counted.items() if count > 1]


def test_the_document_is_made_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        document = openapi_document(all_operations(), "1")
    assert document["openapi"] == "3.1.0"
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    assert len(operations) == len(all_operations())
    assert all(len(operation["tags"]) == 1 and operation["summary"] for operation in operations)
