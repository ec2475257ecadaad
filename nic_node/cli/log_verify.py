"""`nic log verify`: a whole log from nothing, and its contents, as a member gets them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click

from federation.judge import Pins
from federation.tlog.reader import LogReader
from federation.verify_contents import Contents
from federation.verify_log import Progress, Report, verify_log
from nic_node.cli.answers import print_pairs, print_table, progress_bar
from nic_node.cli.exits import REFUSED
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.clock import system_clock
from nic_node.errors import NotFound
from nic_node.logstore.folder import FolderReader
from nic_node.membership.keys import signer
from nic_node.mirror.audit import MemberContents
from nic_node.mirror.source import HttpLog
from nic_node.peerhttp.client import PeerClient

SLOWEST_FILE_SECONDS = 60.0


@click.command()
@click.argument("source", metavar="URL-or-DIR")
@click.option("--jkt", default=None, help="The thumbprint of the leaf key that entry 0 must be signed by.")
@click.option("--blobs", "with_blobs", is_flag=True, help="Every record's content too, as a member gets it.")
@data_option
@json_option
@on_event_loop
async def verify(source: str, jkt: str | None, with_blobs: bool, data: Path | None, as_json: bool) -> None:
    """Hash every leaf, check every signature and credential, and exit 1 if anything is refused."""
    pins = Pins(leaf_jkt=jkt)
    if with_blobs:
        report = await _verified_with_blobs(source, pins, data)
    else:
        async with _reader_of(source) as reader:
            report = await _verified(reader, pins)
    if as_json:
        print_json(report.document())
    else:
        _show(report)
    if not report.ok:
        raise SystemExit(REFUSED)


@asynccontextmanager
async def _reader_of(source: str) -> AsyncIterator[LogReader]:
    if source.startswith(("https://", "http://")):
        # Whoever types the address may mean this machine, and would rather wait than be told that a tile is slow.
        client = PeerClient(clock=system_clock, allow_insecure_loopback=True, total_seconds=SLOWEST_FILE_SECONDS)
        async with client:
            yield HttpLog(client, source.rstrip("/"))
        return
    yield _folder_reader(Path(source))


async def _verified_with_blobs(source: str, pins: Pins, data: Path | None) -> Report:
    if not source.startswith(("https://", "http://")):
        raise NotFound("Contents are given to members over HTTP: name the address of a log, or of a member's copy.")
    async with opened_node(data) as node:
        async with node.database.reading() as session:
            by = await signer(node, session)
        reader = MemberContents(node.client, source.rstrip("/"), by)
        return await _verified(reader, pins, reader)


def _folder_reader(folder: Path) -> FolderReader:
    if not folder.is_dir():
        raise NotFound(f"{folder} is neither a folder nor an address that begins with https://.")
    return FolderReader(folder)


async def _verified(reader: LogReader, pins: Pins, contents: Contents | None = None) -> Report:
    report: Report | None = None
    with progress_bar() as bar:
        task = bar.add_task("Verifying entries", total=None)
        async for item in verify_log(reader, pins, contents):
            if isinstance(item, Progress):
                what = "Verifying contents" if item.is_contents else "Verifying entries"
                bar.update(task, description=what, completed=item.done, total=item.size)
            else:
                report = item
    assert report is not None
    return report


def _contents(report: Report) -> str:
    if report.contents is None:
        return "not looked at: members get them, with --blobs"
    return ", ".join(f"{count} {name}" for name, count in report.contents.items())


def _show(report: Report) -> None:
    print_pairs(
        [
            ("Log", report.origin),
            ("Entries", str(report.size)),
            ("Root", report.root),
            ("Records", str(report.records)),
            *((name.capitalize(), str(count)) for name, count in report.counted.items()),
            ("Contents", _contents(report)),
            ("Cosigned by", ", ".join(report.cosignatures) or "nobody"),
            ("Final", f"{'by' if report.is_final else 'not by'} a quorum of the witnesses that its newest term names"),
            ("Keys", "as given" if report.pinned else "those of entry 0, which nobody vouched for: give --jkt"),
            ("Verdict", "all of it holds" if report.ok else "NOT OK"),
        ]
    )
    wrong = [(str(index), code.value) for index, code in report.refused]
    wrong += [("log", f"{fault.code.value}: {fault.detail}") for fault in report.faults]
    if wrong:
        print_table(("entry", "refused because"), wrong, empty="")
