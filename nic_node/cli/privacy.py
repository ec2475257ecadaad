"""`nic privacy`: what the detectors find in texts and what would leave in their place; which cells could leave."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from nic_node.cli.answers import progress_bar
from nic_node.cli.exits import plain_errors
from nic_node.cli.files import existing_file, read_limited
from nic_node.cli.node import json_option, print_json
from nic_node.cli.privacy_cells import cells
from nic_node.cli.privacy_incidents import directory_command, incident_command, incidents_command, log_command
from nic_node.cli.privacy_roster import roster_command
from nic_node.disclosure.text.allow_list import build_allow_list
from nic_node.disclosure.text.roster import Roster, build_roster
from nic_node.disclosure.text.scan import Scrubbed, scrub
from nic_node.errors import InvalidInput
from schemas.canonical import read_json
from schemas.invalid import InvalidDocument

LONGEST_LINE = 1_000_000
LONGEST_ROSTER = 20_000_000
LONGEST_FILE = 200_000_000
ROSTER_KINDS = ("PERSON", "SCHOOL", "DISTRICT")


@click.group()
def privacy() -> None:
    """What may leave a school, tried on files."""


privacy.add_command(cells)
privacy.add_command(incident_command)
privacy.add_command(incidents_command)
privacy.add_command(directory_command)
privacy.add_command(log_command)
privacy.add_command(roster_command)


@privacy.command()
@click.argument("file", metavar="FILE.jsonl", type=existing_file)
@click.option(
    "--roster",
    "roster_file",
    metavar="FILE.json",
    type=existing_file,
    help="The names to find; without it what may be a name is asked about.",
)
@json_option
def scan(file: Path, roster_file: Path | None, as_json: bool) -> None:
    """Find and replace names and patterns in each {"text": ...} of a file with a JSON object a line."""
    with plain_errors():
        roster = read_roster(read_limited(roster_file, LONGEST_ROSTER) if roster_file else b"{}")
        texts = list(read_texts(read_limited(file, LONGEST_FILE)))
    allow = build_allow_list()
    with progress_bar() as bar:
        for text in bar.track(texts, description="Scanning"):
            scrubbed = scrub(text, roster, allow)
            if as_json:
                print_json(scrubbed.document())
            else:
                _show(scrubbed)


def read_roster(content: bytes) -> Roster:
    """Compile {"PERSON": [...], "SCHOOL": [...], "DISTRICT": [...]}; a missing list is an empty one.

    Raises:
        InvalidInput: not such an object.
    """
    shape = 'The roster must be a JSON object such as {"PERSON": ["Ada Field"], "SCHOOL": [], "DISTRICT": []}.'
    try:
        document = read_json(content, max_bytes=LONGEST_ROSTER)
    except InvalidDocument as error:
        raise _refused("roster", f"{shape} {error.message}") from error
    if not isinstance(document, Mapping) or set(document) - set(ROSTER_KINDS):
        raise _refused("roster", shape)
    for names in document.values():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise _refused("roster", shape)
    return build_roster(document)


def read_texts(content: bytes) -> Iterator[str]:
    """The texts, a line each; other members of a line and blank lines are passed over.

    Raises:
        InvalidInput: a line that is no such object, by its number.
    """
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        yield _text(line, number)


def _text(line: bytes, number: int) -> str:
    try:
        document: Any = read_json(line, max_bytes=LONGEST_LINE)
    except InvalidDocument as error:
        raise _refused("file", f"Line {number} can't be read. {error.message}") from error
    text = document.get("text") if isinstance(document, Mapping) else None
    if not isinstance(text, str):
        raise _refused("file", f'Line {number} must be a JSON object such as {{"text": "..."}}.')
    return text


def _show(scrubbed: Scrubbed) -> None:
    click.echo(scrubbed.out)
    for mark in scrubbed.marks:
        verdict = {"info": "replaced", "ask": "a person has to say", "block": "can't leave"}[mark.severity]
        click.echo(f"    {mark.type}: {scrubbed.text[mark.start : mark.end]!r}, {verdict}")


def _refused(field: str, sentence: str) -> InvalidInput:
    return InvalidInput({field: [sentence]}, sentence)
