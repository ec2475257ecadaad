"""The API describes itself without ambiguity, in the rooms that the contract names."""

import warnings
from collections import Counter
from collections.abc import Iterable
from inspect import signature

from nic_node.app.routes import all_operations, all_pages
from nic_node.web.api import openapi_document
from tests.architecture.reaching import reached

ROOMS = {
    "profile", "team", "self-assessment", "plan", "projects", "cycles", "causes", "drivers", "measures", "meetings",
    "actions", "visits", "coaching", "communities", "reflection", "pulse", "return", "handover", "communication",
    "today", "practices", "search", "questions", "publishing", "evidence", "membership", "network", "log", "accounts",
    "operations",
}  # fmt: skip


AT_THE_DOOR = {
    "accept_invitation", "begin_attempt", "complete_setup", "create_setup_link", "end_session_of", "open_session",
    "reset_password",
}  # fmt: skip
"""What makes a session, or ends the one that a browser has: programs come with an access token instead."""

LOOKED_AT_FIRST = {"keep_upload", "confirm_upload", "discard_upload"}
"""A school directory is looked at on a page before it replaces the old one; a program replaces it in one call."""


def verbs_of(handlers: Iterable[object]) -> set[str]:
    """What is done in somebody's name: the functions that take an actor."""
    functions = set().union(*(reached(handler) for handler in handlers))
    verbs = {function.__qualname__ for function in functions if "actor" in signature(function).parameters}
    return {verb for verb in verbs if not verb.startswith("_")}


def test_whatever_is_done_on_a_page_can_be_done_by_a_program() -> None:
    by_hand = verbs_of(route.handler for route in all_pages() if route.kind == "page" and route.method == "POST")
    by_program = verbs_of(operation.handler for operation in all_operations())
    assert len(by_hand) > 50
    assert by_hand - by_program - AT_THE_DOOR - LOOKED_AT_FIRST == set()


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
