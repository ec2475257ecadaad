"""`nic simulate`: a federation of many nodes in virtual time."""

import sys
from typing import Any

import click

from nic_node.cli.answers import in_words, print_pairs
from nic_node.cli.exits import REFUSED
from nic_node.cli.node import json_option, print_json
from nic_node.simulate.plan import DAYS, LEAST_DAYS, LEAST_NODES, MOST_NODES, Fault, Plan
from nic_node.simulate.run import simulate as run

NO_TERM = "Fewer than 3 members took part, so no term opened and nothing could be published. Take 3 nodes or more."


def _nodes(context: click.Context, parameter: click.Parameter, value: int) -> int:
    if not LEAST_NODES <= value <= MOST_NODES:
        raise click.BadParameter(f"a federation has {LEAST_NODES} to {MOST_NODES:,} nodes")
    return value


def _days(context: click.Context, parameter: click.Parameter, value: int) -> int:
    if value < LEAST_DAYS:
        raise click.BadParameter(f"members publish on {LEAST_DAYS} days at least")
    return value


@click.command()
@click.option("--nodes", type=int, required=True, callback=_nodes, help="How many schools take part.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same figures.")
@click.option(
    "--fault",
    type=click.Choice([fault.value for fault in Fault]),
    default=Fault.HEALTHY.value,
    show_default=True,
    help="What goes wrong meanwhile; docs/scale.md says what each is.",
)
@click.option("--days", type=int, default=DAYS, show_default=True, callback=_days, help="On so many, members publish.")
@json_option
def simulate(nodes: int, seed: int, fault: str, days: int, as_json: bool) -> None:
    """Run a federation of so many nodes in virtual time, by the protocol's own code."""
    document = run(Plan(nodes=nodes, seed=seed, fault=Fault(fault), days=days))
    if as_json:
        print_json(document)
    else:
        _show(document)
    if not document["records"]:
        print(NO_TERM, file=sys.stderr)
    if document["lost"] or document["duplicated"]:
        raise SystemExit(REFUSED)


def _show(document: dict[str, Any]) -> None:
    kinds = ", ".join(f"{kind} {size:,}" for kind, size in document["bytes"].items())
    half, most = (in_words(document[name]) for name in ("converged_p50_s", "converged_p99_s"))
    print_pairs(
        [
            ("Nodes", f"{document['nodes']:,}, fault: {document['fault']}, seed {document['seed']}"),
            ("Records", f"{document['records']} in {document['days']} days"),
            ("From the log to a library", f"half within {half} s, 99 % within {most} s"),
            ("Bytes a node", f"{document['bytes_per_node']:,} ({kinds})"),
            ("Bytes a record", in_words(document["bytes_per_record"], 8)),
            ("Lost, duplicated", f"{document['lost']}, {document['duplicated']}"),
            ("Still on their way", str(document["waiting"])),
            ("Frozen, with evidence", f"{document['frozen']}, {document['evidence']}"),
            ("Verdicts", "shared between nodes that read the same bytes" if document["shared_verdicts"] else "own"),
        ]
    )
