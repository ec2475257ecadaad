"""Metadata policies of OpenID Federation 1.0, section 6.1: what superiors demand of a subordinate's metadata.

A policy has three levels: entity type, metadata parameter, operators. Policies of a chain are merged from the anchor
down, so that a subordinate's superior can only narrow what stands above it; the result is then applied.

    in this order    value, add, default, one_of, subset_of, superset_of, essential

Every conflict ends in Untrusted: METADATA_POLICY_CONFLICT. Operators beyond the standard ones are passed over, as the
specification demands, unless they are declared critical.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from federation.errors import Untrusted
from schemas.canonical import canonical_bytes
from schemas.code import Code

Operators = dict[str, Any]
Policy = dict[str, dict[str, Operators]]

OPERATORS: Final = ("value", "add", "default", "one_of", "subset_of", "superset_of", "essential")

_LISTS: Final = frozenset({"add", "one_of", "subset_of", "superset_of"})
_ABSENT: Final = object()
_SPACED: Final = "scope"  # a string of words that operators treat as an array (section 6.1.3.1.8)


def read_policy(claim: object) -> Policy:
    """A `metadata_policy` claim, checked level by level, without the operators that nobody here understands.

    Raises:
        Untrusted: METADATA_POLICY_CONFLICT.
    """
    return {
        entity_type: {name: _read_operators(name, operators) for name, operators in _members(parameters).items()}
        for entity_type, parameters in _members(claim).items()
    }


def verify_critical(names: Iterable[object]) -> None:
    """`metadata_policy_crit` names operators that must be understood; beyond the standard ones there are none.

    Raises:
        Untrusted: METADATA_POLICY_CONFLICT, also when a standard operator is named (section 3.2, step 18).
    """
    if any(True for _ in names):
        raise _conflict("a superior demands an operator that this program does not know")


def merge_policies(superior: Policy, subordinate: Policy) -> Policy:
    """The policy that holds below both (section 6.1.4.1).

    Raises:
        Untrusted: METADATA_POLICY_CONFLICT.
    """
    merged = {entity_type: dict(parameters) for entity_type, parameters in superior.items()}
    for entity_type, parameters in subordinate.items():
        below = merged.setdefault(entity_type, {})
        for name, operators in parameters.items():
            below[name] = _merge_operators(name, below[name], operators) if name in below else operators
    return merged


def apply_policy(policy: Policy, metadata: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The metadata as the policy leaves it; entity types that the subject does not have are not added.

    Raises:
        Untrusted: METADATA_POLICY_CONFLICT when the metadata can't be made to comply.
    """
    resolved = {entity_type: dict(parameters) for entity_type, parameters in metadata.items()}
    for entity_type in policy.keys() & resolved.keys():
        for name, operators in policy[entity_type].items():
            value = _apply_operators(name, operators, resolved[entity_type].get(name, _ABSENT))
            if value is _ABSENT:
                resolved[entity_type].pop(name, None)
            else:
                resolved[entity_type][name] = value
    return resolved


# Reading --------------------------------------------------------------------------------------------------------


def _members(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _conflict("a policy is not an object of objects")
    return value


def _read_operators(name: str, value: object) -> Operators:
    operators = {key: _spaced(name, operand) for key, operand in _members(value).items() if key in OPERATORS}
    for key, operand in operators.items():
        if key in _LISTS and not isinstance(operand, list):
            raise _conflict(f"{name}: {key} takes an array")
        if key == "essential" and not isinstance(operand, bool):
            raise _conflict(f"{name}: essential is true or false")
        if key == "default" and operand is None:
            raise _conflict(f"{name}: default can't be null")
    _verify_combination(name, operators)
    return operators


def _spaced(name: str, value: Any) -> Any:
    return value.split() if name == _SPACED and isinstance(value, str) else value


# Combining ------------------------------------------------------------------------------------------------------


def _verify_combination(name: str, operators: Operators) -> None:
    for first, second, holds in _COMBINATIONS:
        if first in operators and second in operators and not holds(operators[first], operators[second]):
            raise _conflict(f"{name}: {first} and {second} can't both hold")


def _is_subset(inner: Any, outer: Any) -> bool:
    return isinstance(inner, list) and isinstance(outer, list) and _keys(inner) <= _keys(outer)


# What section 6.1.3.1 says of each pair; a pair that is not named here may always stand together.
_COMBINATIONS: Final[tuple[tuple[str, str, Callable[[Any, Any], bool]], ...]] = (
    ("value", "add", lambda value, added: _is_subset(added, value)),
    ("value", "default", lambda value, _: value is not None),
    ("value", "one_of", lambda value, allowed: _key(value) in _keys(allowed)),
    ("value", "subset_of", _is_subset),
    ("value", "superset_of", lambda value, demanded: _is_subset(demanded, value)),
    ("value", "essential", lambda value, essential: not (value is None and essential)),
    ("add", "one_of", lambda _added, _allowed: False),
    ("add", "subset_of", _is_subset),
    ("one_of", "subset_of", lambda _one, _allowed: False),
    ("one_of", "superset_of", lambda _one, _demanded: False),
    ("subset_of", "superset_of", lambda allowed, demanded: _is_subset(demanded, allowed)),
)


def _merge_operators(name: str, superior: Operators, subordinate: Operators) -> Operators:
    merged = dict(superior)
    for key, operand in subordinate.items():
        merged[key] = _merge_operand(name, key, superior[key], operand) if key in superior else operand
    _verify_combination(name, merged)
    return merged


def _merge_operand(name: str, key: str, superior: Any, subordinate: Any) -> Any:
    if key == "essential":
        return superior or subordinate
    if key in {"add", "superset_of"}:
        return _union(superior, subordinate)
    if key in {"one_of", "subset_of"}:
        common = _intersection(superior, subordinate)
        if key == "one_of" and not common:
            raise _conflict(f"{name}: no value satisfies every superior's one_of")
        return common
    if not _is_equal(superior, subordinate):
        raise _conflict(f"{name}: superiors set a different {key}")
    return superior


# Applying -------------------------------------------------------------------------------------------------------


def _apply_operators(name: str, operators: Operators, value: Any) -> Any:
    """The parameter's value after all operators; _ABSENT where there is none."""
    was_spaced = name == _SPACED and not isinstance(value, list)
    value = _spaced(name, value)
    for key in OPERATORS:
        if key in operators:
            value = _APPLY[key](name, operators[key], value)
    return " ".join(map(str, value)) if was_spaced and isinstance(value, list) else value


def _apply_value(_name: str, operand: Any, _value: Any) -> Any:
    return _ABSENT if operand is None else operand


def _apply_add(name: str, operand: Any, value: Any) -> Any:
    return operand if value is _ABSENT else _union(_array(name, value), operand)


def _apply_default(_name: str, operand: Any, value: Any) -> Any:
    return operand if value is _ABSENT else value


def _apply_one_of(name: str, operand: Any, value: Any) -> Any:
    if value is not _ABSENT and _key(value) not in _keys(operand):
        raise _conflict(f"{name}: the value is not one of those allowed")
    return value


def _apply_subset_of(name: str, operand: Any, value: Any) -> Any:
    return value if value is _ABSENT else _intersection(_array(name, value), operand)


def _apply_superset_of(name: str, operand: Any, value: Any) -> Any:
    if value is not _ABSENT and not _is_subset(operand, _array(name, value)):
        raise _conflict(f"{name}: a value that must be there is missing")
    return value


def _apply_essential(name: str, operand: Any, value: Any) -> Any:
    if operand and value is _ABSENT:
        raise _conflict(f"{name}: it must be there")
    return value


_APPLY: Final[Mapping[str, Callable[[str, Any, Any], Any]]] = {
    "value": _apply_value,
    "add": _apply_add,
    "default": _apply_default,
    "one_of": _apply_one_of,
    "subset_of": _apply_subset_of,
    "superset_of": _apply_superset_of,
    "essential": _apply_essential,
}


def _array(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _conflict(f"{name}: the policy speaks of an array, the metadata has none")
    return value


# Sets of JSON values: compared by canonical form, so that true is not 1, and objects can be members. --------------


def _key(value: Any) -> bytes:
    return canonical_bytes(value)


def _keys(values: list[Any]) -> set[bytes]:
    return {_key(value) for value in values}


def _union(first: list[Any], second: list[Any]) -> list[Any]:
    by_key = {_key(value): value for value in second} | {_key(value): value for value in first}
    return [by_key[key] for key in dict.fromkeys(_key(value) for value in [*first, *second])]


def _intersection(first: list[Any], second: list[Any]) -> list[Any]:
    allowed = _keys(second)
    return [value for value in first if _key(value) in allowed]


def _is_equal(first: Any, second: Any) -> bool:
    if isinstance(first, list) and isinstance(second, list):
        return _keys(first) == _keys(second)
    return _key(first) == _key(second)


def _conflict(why: str) -> Untrusted:
    return Untrusted(Code.METADATA_POLICY_CONFLICT, f"Metadata and the superiors' policy conflict: {why}.")
