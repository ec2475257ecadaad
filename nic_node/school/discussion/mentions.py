"""Who is meant by '@Jin Park' or '@Jin' in a comment."""

import re
from collections.abc import Mapping

from nic_node.errors import InvalidInput
from nic_node.i18n import N_, filled

AT = re.compile(r"(?:(?<=\s)|^)@(?=\w)")
WORD = re.compile(r"[\w'’-]+")


def read_mentions(text: str, people: Mapping[int, str]) -> set[int]:
    """Ids of those who are meant: the whole name, or the first one where only one has it.

    Args:
        people: id -> name, of those who can be meant.

    Raises:
        InvalidInput: field 'text', for a name that nobody or more than one has.
    """
    found, wrong = set(), []
    for at in AT.finditer(text):
        rest = text[at.end() :]
        named = [person_id for person_id, name in people.items() if _begins_with(rest, name)]
        longest = max((len(people[person_id]) for person_id in named), default=0)
        meant = [person_id for person_id in named if len(people[person_id]) == longest]
        if not meant:
            meant = [person_id for person_id, name in people.items() if _begins_with(rest, name.split()[0])]
        if len(meant) == 1:
            found.add(meant[0])
        else:
            word = match[0] if (match := WORD.match(rest)) else rest[:20]
            wrong.append(
                filled(N_("More than one here is called {name}: write the whole name after the @."), name=word)
                if meant
                else filled(N_("Nobody here is called {name}. Write the whole name, or leave the @ out."), name=word)
            )
    if wrong:
        raise InvalidInput({"text": wrong})
    return found


def _begins_with(text: str, name: str) -> bool:
    after = text[len(name) : len(name) + 1]
    return text[: len(name)].casefold() == name.casefold() and not (after.isalnum() or after == "_")
