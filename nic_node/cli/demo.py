"""`nic demo`: a whole network on this machine, to look at or to check."""

import asyncio
import json
import shutil
import signal
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import click

from nic_node.cli.exits import REFUSED
from nic_node.cli.node import on_event_loop, print_json
from nic_node.demo.check import check_steps
from nic_node.demo.filling import MOST, fill_library
from nic_node.demo.signposts import describe_nodes, resume_nodes, say_where_to_go
from nic_node.demo.story import Step, new_cast, play, story, summary_of

DEMO_FILE = "demo.json"
UNFINISHED = "demo-unfinished"


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=Path("nic-demo"), show_default=True)
@click.option("--check", is_flag=True, help="Run every step headless, say what held, and stop.")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="With --check: leave all data here.")
@click.option("--json", "as_json", is_flag=True, help="With --check: a JSON line a step.")
@click.option("--fill", type=click.IntRange(0, MOST), default=0, help="Publish so many synthetic practices more.")
@on_event_loop
async def demo(data: Path, check: bool, keep: Path | None, as_json: bool, fill: int) -> None:
    """Run a network with its coordinator, three member schools and one that applies."""
    if not check:
        await show(data.absolute(), fill)
    elif keep is not None:
        await run_check(keep.absolute(), as_json=as_json)
    else:
        with tempfile.TemporaryDirectory(prefix="nic-demo-") as folder:
            await run_check(Path(folder), as_json=as_json)


async def run_check(folder: Path, *, as_json: bool) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty; name a new folder.")

    def tell(line: dict[str, Any]) -> None:
        if as_json:
            print_json(line)
        else:
            click.echo(in_words(line))

    async with new_cast(folder) as cast:
        seen = await play(cast, [*story(), *check_steps()], tell)
    summary = summary_of(seen)
    tell(summary)
    if not summary["ok"]:
        raise SystemExit(REFUSED)


async def show(folder: Path, fill: int) -> None:
    """Play the story once, then stay until Ctrl-C; a second start takes up where the first one ended."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with new_cast(folder) as cast:
        if (folder / DEMO_FILE).exists():
            nodes = await resume_nodes(cast, json.loads((folder / DEMO_FILE).read_text()))
        else:
            make_room(folder)
            more: list[Step] = [("fill", partial(fill_library, count=fill))] if fill else []
            if await play(cast, [*story(), *more], lambda line: click.echo(in_words(line))) is None:
                raise SystemExit(REFUSED)
            nodes = describe_nodes(cast)
            (folder / DEMO_FILE).write_text(json.dumps({"nodes": nodes}, indent=1))
            (folder / UNFINISHED).unlink()
        click.echo(say_where_to_go(nodes))
        click.echo("ready")
        await stopping.wait()


def make_room(folder: Path) -> None:
    """An empty folder for the demo; what an interrupted run left is cleared, nothing else ever is."""
    if (folder / UNFINISHED).exists():
        shutil.rmtree(folder)
    elif folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty and holds no demo; name another folder with --data.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / UNFINISHED).touch()


def in_words(line: dict[str, Any]) -> str:
    rest = {name: value for name, value in line.items() if name not in ("step", "ok", "seconds")}
    details = ", ".join(f"{name} {value}" for name, value in rest.items())
    took = f" ({line['seconds']:.1f} s)" if "seconds" in line else ""
    return f"{'ok  ' if line['ok'] else 'FAIL'} {line['step']}{took}: {details}"
