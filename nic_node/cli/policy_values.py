"""NAME=VALUE on a command line, as numbers and lists of a policy."""

import re
from collections.abc import Iterable
from typing import Any

import click

from schemas.policy import POLICY_DEFAULTS


def read_changes(said: Iterable[str]) -> dict[str, Any]:
    """'context_k=3' -> {"context_k": 3}; lists are written with commas.

    Raises:
        click.BadParameter: an unknown name, or no whole number where one belongs.
    """
    return dict(_change(text) for text in said)


def _change(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or name not in POLICY_DEFAULTS:
        raise _refused(f"write NAME=VALUE with a name of {', '.join(POLICY_DEFAULTS)}")
    if isinstance(POLICY_DEFAULTS[name], int):
        return name, _whole(name, value)
    parts = [part.strip() for part in value.split(",") if part.strip()]
    return name, [_whole(name, part) for part in parts] if name == "accepted_versions" else parts


def _whole(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,12}", text.strip()):
        raise _refused(f"{name} takes a whole number")
    return int(text)


def _refused(sentence: str) -> click.BadParameter:
    return click.BadParameter(sentence, param_hint="--set")
