"""The verdict on one leaf, in the order of the log. A refused leaf changes nothing for those after it."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from federation.errors import Untrusted
from federation.judge.by_network import (
    Findings,
    judge_block,
    judge_epoch,
    judge_genesis,
    judge_issued,
    judge_late_genesis,
    judge_member,
    judge_moderate,
    judge_open,
    judge_void,
)
from federation.judge.by_pseudonyms import judge_pseudonym, judge_record, judge_retract
from federation.judge.state import ACCEPTED, LogState, Verdict, refusal
from federation.leaves import Leaf, is_signed, read_leaf
from schemas.problem import Code

RULES: Mapping[str, Callable[[LogState, int, Leaf], Findings]] = MappingProxyType(
    {
        "genesis": judge_late_genesis,
        "epoch": judge_epoch,
        "issued": judge_issued,
        "open": judge_open,
        "void": judge_void,
        "member": judge_member,
        "moderate": judge_moderate,
        "block": judge_block,
        "pseudonym": judge_pseudonym,
        "record": judge_record,
        "retract": judge_retract,
    }
)


def try_leaf(data: bytes) -> Leaf | Untrusted:
    """A leaf as it was read, or what is wrong with its form: what can be told of it without the log."""
    try:
        return read_leaf(data)
    except Untrusted as error:
        return error


def read_leaves(entries: Iterable[bytes], keys: Mapping[str, str]) -> list[Leaf | Untrusted]:
    """Each as `try_leaf` reads it, `is_verified` where its signature holds under the key whose `x` stands by its kid.

    Where it does not hold, the judge looks again, and says what is wrong: this is the slow half of verifying, for many.
    """
    leaves = [try_leaf(entry) for entry in entries]
    return [
        leaf.verified() if isinstance(leaf, Leaf) and leaf.kid in keys and is_signed(leaf, keys[leaf.kid]) else leaf
        for leaf in leaves
    ]


def judge_leaf(state: LogState, index: int, data: bytes, read: Leaf | Untrusted | None = None) -> Verdict:
    """The verdict on the leaf at `index` = `state.size`; `state.apply(verdict)` then takes it in.

    Args:
        read: what `try_leaf` makes of the data, where that was done before.

    Raises:
        Untrusted: entry 0 is not the genesis that it must be: the log as a whole is refused.
    """
    if index != state.size:
        raise ValueError(f"the next leaf is {state.size}, not {index}")
    leaf = try_leaf(data) if read is None else read
    if index == 0:
        if isinstance(leaf, Untrusted):
            raise leaf
        return Verdict(0, ACCEPTED, leaf=leaf, rows=(judge_genesis(state.pins, leaf),))
    if isinstance(leaf, Untrusted):
        return refusal(index, leaf)
    try:
        _verify_network(state, leaf)
        rows, alarms = RULES[leaf.t](state, index, leaf)
    except Untrusted as error:
        return refusal(index, error, leaf)
    return Verdict(index, ACCEPTED, leaf=leaf, rows=rows, alarms=alarms)


def _verify_network(state: LogState, leaf: Leaf) -> None:
    if leaf.payload["network"] != state.required_genesis.network:
        raise Untrusted(Code.LEAF_NETWORK_WRONG, "A leaf belongs to another network.")
