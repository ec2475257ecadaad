"""`nic log`: a whole log verified from nothing, and how far this node's copies are."""

from pathlib import Path

import click

from nic_node.cli.answers import print_table
from nic_node.cli.log_forks import evidence, resolve
from nic_node.cli.log_verify import verify
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.mirror.sources_api import AllSourcesSchema
from nic_node.mirror.status import LogSources, log_sources, log_statuses
from nic_node.network.log.read import log_status
from nic_node.network.read import networks


@click.group()
def log() -> None:
    """The network's log."""


@log.command()
@data_option
@json_option
@on_event_loop
async def status(data: Path | None, as_json: bool) -> None:
    """How far the copy of each network's log is, where it is read, who confirmed it, and what was refused."""
    async with opened_node(data) as node, node.database.reading() as session:
        found = [item.document() for item in await log_statuses(session, now=node.clock())]
        written = [(await log_status(session, run.id)).document() for run in await networks(session)]
        read_from = await log_sources(session)
    if as_json:
        print_json(
            {
                "networks": found,
                "written_here": written,
                "read_from": AllSourcesSchema().dump({"items": read_from})["items"],
            }
        )
        return
    for line in written:
        click.echo(f"Written here: {line['network']}, {line['signed_size']} of {line['size']} entries signed.")
        if line["trouble"]:
            click.echo(f"  {line['trouble']}")
    rows = [
        (
            item["network"],
            item["state"],
            item["size"],
            item["final_size"],
            item["lag_seconds"],
            ", ".join(f"{code} {times}" for code, times in item["refusals"].items()),
        )
        for item in found
    ]
    empty = "This node is in no network yet: nic network join LINK."
    print_table(("network", "state", "size", "final", "lag, s", "refused"), rows, empty=empty)
    for log in read_from:
        _show_sources(log)


log.add_command(verify)
log.add_command(evidence)
log.add_command(resolve)


def _show_sources(log: LogSources) -> None:
    click.echo(f"\n{log.origin} is read from:")
    rows = [
        (
            "the log itself" if source.is_log else source.entity,
            source.state,
            source.behind or "",
            "" if source.seconds is None else f"{source.seconds:.2f}",
            "" if source.answered_at is None else source.answered_at.isoformat(timespec="seconds"),
            source.trouble_detail,
        )
        for source in log.sources
    ]
    columns = ("source", "state", "entries behind", "takes, s", "last answer", "trouble")
    print_table(columns, rows, empty="It was not asked yet.")
    if log.cosignatures:
        confirmed = [one.witness for one in log.cosignatures if one.at is not None]
        click.echo(f"Confirmed by {len(confirmed)} of {len(log.cosignatures)} witnesses: {', '.join(confirmed) or '-'}")
