"""No document takes a value of another type, an unknown field or a null, anywhere.

Every example of docs/protocol.md is changed at one place at a time.
"""

import copy

import pytest

from schemas.invalid import InvalidDocument
from tests.unit.schemas.protocol_examples import LOADERS, OPEN, example, example_names


def places(document, path=()):
    """Paths to every value in a document, containers included."""
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def changed(document, path, value):
    copied = copy.deepcopy(document)
    parent = copied
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return copied


def value_at(document, path):
    for key in path:
        document = document[key]
    return document


def wrong_values(value):
    if isinstance(value, bool):
        return [None, 1, "true"]
    if isinstance(value, int | float):
        return [None, True, str(value), [value]]
    if isinstance(value, str):
        return [None, 7, False, "", [value], "\x01"]
    return [None, "text", 7, {} if isinstance(value, list) else []]


def is_key_member(path):
    """RFC 7517: a JWKS may hold keys of any kind, with members that are not understood; federation.keys judges them."""
    return len(path) > 2 and path[-3] == "keys" and path[-1] not in {"kty", "kid", "use", "alg"}


def accepted(name, document):
    try:
        LOADERS[name](document)
    except InvalidDocument:
        return False
    return True


@pytest.mark.parametrize("name", example_names())
def test_wrong_type_is_refused(name):
    document = example(name)
    survivors = [
        (path, wrong)
        for path in places(document)
        if not is_key_member(path)
        for wrong in wrong_values(value_at(document, path))
        if accepted(name, changed(document, path, wrong))
    ]
    assert survivors == []


@pytest.mark.parametrize("name", sorted(set(example_names()) - OPEN - {"acks"}))
def test_unknown_field_is_refused_at_every_level(name):
    document = example(name)
    objects = [(), *(path for path in places(document) if isinstance(value_at(document, path), dict))]
    survivors = [
        path
        for path in objects
        if not {"jwks", "http_jwks"} & set(path) and accepted(name, changed(document, (*path, "surprise"), 1))
    ]
    assert survivors == []


@pytest.mark.parametrize("name", sorted(OPEN))
def test_unknown_claims_of_open_documents_pass_unread(name):
    document = {**example(name), "surprise": {"deep": [1, None]}}
    assert LOADERS[name](document) == document
