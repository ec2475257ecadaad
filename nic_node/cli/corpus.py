"""`nic corpus`: a synthetic network's practices and replications, as JSON lines."""

import json
import sys

import click

from nic_node.demo.corpus.generate import CONTEXT_K, Corpus, CorpusPlan

MOST_SCHOOLS = 100_000
MOST_RECORDS = 10_000_000


@click.command()
@click.option("--schools", type=click.IntRange(CONTEXT_K, MOST_SCHOOLS), default=100, show_default=True)
@click.option("--records", type=click.IntRange(1, MOST_RECORDS), default=1_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same lines.")
def corpus(schools: int, records: int, seed: int) -> None:
    """Print a synthetic network: a line about it, then a line a record, with the true effect that nobody sees.

    The schools' contexts are those of real schools, all else is invented; each practice says so.
    """
    made = Corpus(CorpusPlan(schools=schools, records=records, seed=seed))
    about = {"synthetic": True, "schools": schools, "records": records, "seed": seed, "lattice": made.lattice}
    print(json.dumps(about))
    for record in made.records():
        sys.stdout.write(json.dumps(record.document()) + "\n")
