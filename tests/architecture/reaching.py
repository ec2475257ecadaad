"""Which of our functions a handler reaches, read from compiled code: by the names that it uses and what they mean there."""

from collections.abc import Iterator
from types import CodeType, FunctionType


def reached(function: object) -> set[FunctionType]:
    """Our functions that `function` calls, or that these call, itself included; also through methods and closures."""
    seen: set[FunctionType] = set()
    _walk(function, seen)
    return seen


def _walk(thing: object, seen: set[FunctionType]) -> None:
    owner = getattr(thing, "__self__", None)
    function = getattr(thing, "__func__", thing)
    if not isinstance(function, FunctionType) or function in seen or not function.__module__.startswith("nic_node."):
        return
    seen.add(function)
    for other in _named(function, owner):
        _walk(other, seen)


def _named(function: FunctionType, owner: object) -> Iterator[object]:
    for name in _names_in(function.__code__):
        yield function.__globals__.get(name)
        yield getattr(owner, name, None) if owner is not None else None
    for cell in function.__closure__ or ():
        yield cell.cell_contents


def _names_in(code: CodeType) -> set[str]:
    """The names that code uses, that of functions inside it too."""
    inner = (_names_in(constant) for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*inner)
