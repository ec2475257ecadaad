"""`nic log`: a whole log verified from nothing, and how far this node's copies are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click

from federation.judge import Pins
from federation.tlog.reader import LogReader
from federation.verify_log import Progress, Report, verify_log
from nic_node.cli.answers import print_pairs, print_table, progress_bar
from nic_node.cli.exits import REFUSED
from nic_node.cli.log_forks import evidence, resolve
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.clock import system_clock
from nic_node.errors import NotFound
from nic_node.logstore.folder import FolderReader
from nic_node.mirror.source import HttpLog
from nic_node.mirror.sources_api import AllSourcesSchema
from nic_node.mirror.status import LogSources, log_sources, log_statuses
from nic_node.network.log.read import log_status
from nic_node.network.read import networks
from nic_node.peerhttp.client import PeerClient

SLOWEST_FILE_SECONDS = 60.0


@click.group()
def log() -> None:
    """The network's log."""


@log.command()
@click.argument("source", metavar="URL-or-DIR")
@click.option("--jkt", default=None, help="The thumbprint of the leaf key that entry 0 must be signed by.")
@json_option
@on_event_loop
async def verify(source: str, jkt: str | None, as_json: bool) -> None:
    """Hash every leaf, check every signature and credential, and exit 1 if anything is refused."""
    async with _reader_of(source) as reader:
        report = await _verified(reader, Pins(leaf_jkt=jkt))
    if as_json:
        print_json(report.document())
    else:
        _show(report)
    if not report.ok:
        raise SystemExit(REFUSED)


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


@asynccontextmanager
async def _reader_of(source: str) -> AsyncIterator[LogReader]:
    if source.startswith(("https://", "http://")):
        # Whoever types the address may mean this machine, and would rather wait than be told that a tile is slow.
        client = PeerClient(clock=system_clock, allow_insecure_loopback=True, total_seconds=SLOWEST_FILE_SECONDS)
        async with client:
            yield HttpLog(client, source.rstrip("/"))
        return
    yield _folder_reader(Path(source))


def _folder_reader(folder: Path) -> FolderReader:
    if not folder.is_dir():
        raise NotFound(f"{folder} is neither a folder nor an address that begins with https://.")
    return FolderReader(folder)


async def _verified(reader: LogReader, pins: Pins) -> Report:
    report: Report | None = None
    with progress_bar() as bar:
        task = bar.add_task("Verifying", total=None)
        async for item in verify_log(reader, pins):
            if isinstance(item, Progress):
                bar.update(task, completed=item.done, total=item.size)
            else:
                report = item
    assert report is not None
    return report


def _show(report: Report) -> None:
    print_pairs(
        [
            ("Log", report.origin),
            ("Entries", str(report.size)),
            ("Root", report.root),
            ("Records", str(report.records)),
            ("Cosigned by", ", ".join(report.cosignatures) or "nobody"),
            ("Keys", "as given" if report.pinned else "those of entry 0, which nobody vouched for: give --jkt"),
            ("Verdict", "all of it holds" if report.ok else "NOT OK"),
        ]
    )
    wrong = [(str(index), code.value) for index, code in report.refused]
    wrong += [("log", f"{fault.code.value}: {fault.detail}") for fault in report.faults]
    if wrong:
        print_table(("entry", "refused because"), wrong, empty="")
