"""`nic network recover`: the log goes on with the next generation after a key, or the log itself, was lost."""

from pathlib import Path

import click

from nic_node.cli.acting import as_option
from nic_node.cli.network_of import network_option, network_that
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.network.coordinators import coordinator_actor
from nic_node.network.recover import recover_network


@click.command()
@network_option
@click.option("--stolen", is_flag=True, help="Somebody else may have the keys: replace those of statements too.")
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="The log's last checkpoint, where this machine has lost it.",
)
@click.confirmation_option(
    prompt="The log ends here and a new one follows it; terms begin anew. Go on?", help="Do not ask first."
)
@as_option
@data_option
@json_option
@on_event_loop
async def recover(
    slug: str | None, stolen: bool, checkpoint: Path | None, email: str | None, data: Path | None, as_json: bool
) -> None:
    """End the log, and found the next generation that names it; docs/operations.md says when."""
    note = None if checkpoint is None else checkpoint.read_bytes()
    async with opened_node(data) as node:
        async with node.database.reading() as session:
            run = await network_that(session, slug)
            actor = await coordinator_actor(session, run.id, email)
        done = await recover_network(
            node, network_id=run.id, actor=actor, now=node.clock(), is_stolen=stolen, checkpoint=note
        )
    if as_json:
        document = {"network": done.network.entity, "generation": done.generation, "members": done.members}
        last = {"origin": done.predecessor.origin, "size": done.predecessor.size}
        print_json({**document, "predecessor": last, "new_pin": done.has_new_pin})
        return
    click.echo(f"Generation {done.generation} follows {done.predecessor.origin} at {done.predecessor.size} entries.")
    if done.has_new_pin:
        click.echo("Send every member a new link, and tell them by phone: nic network invite --uses N")
    else:
        click.echo("Members follow by themselves: the key that they hold to has not changed.")
    click.echo("Then announce the next term: nic network epoch --announce")
