"""`nic practice likeness`: what counts for a person as like our school."""

from pathlib import Path

import click

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_pairs
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.commons.likeness.pages import PARTS
from nic_node.commons.my_school import set_weights, weights_of
from nic_node.evidence.similarity import SIMILARITY_WEIGHTS


@click.command()
@click.option(
    "--weight", "said", metavar="NAME=PARTS", multiple=True, help=f"{', '.join(SIMILARITY_WEIGHTS)}: 0 to 100."
)
@click.option("--usual", is_flag=True, help="Let everything count as usual again.")
@as_option
@data_option
@json_option
@on_event_loop
async def likeness(said: tuple[str, ...], usual: bool, email: str | None, data: Path | None, as_json: bool) -> None:
    """Show or move how much each part weighs when schools are compared with ours; for one person alone."""
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, "practices.read")
        person_id = actor.person_id or 0
        if usual:
            await set_weights(session, person_id=person_id, weights=None)
        elif said:
            weights = await weights_of(session, person_id) | dict(_weight(text) for text in said)
            await set_weights(session, person_id=person_id, weights=weights)
        parts = {name: round(weight * PARTS, 2) for name, weight in (await weights_of(session, person_id)).items()}
    if as_json:
        print_json(parts)
    else:
        print_pairs([(name, f"{weight:g}") for name, weight in parts.items()])


def _weight(text: str) -> tuple[str, float]:
    name, _, parts = text.partition("=")
    try:
        return name, float(parts) / PARTS
    except ValueError as error:
        raise click.BadParameter("write NAME=PARTS, such as lunch=50", param_hint="--weight") from error
