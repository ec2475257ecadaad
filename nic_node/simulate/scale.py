"""`make scale`: run what docs/scale.md reports, draw it, and print its table.

Every run is a line of figures.jsonl in the folder; what stands there already is not run again.
"""

import json
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from nic_node.simulate.draw import convergence_svg, cost_svg
from nic_node.simulate.plan import Fault, Plan
from nic_node.simulate.run import simulate

SIZES: Final = (10, 100, 1_000, 10_000)
FAULTS_AT: Final = (1_000, 10_000)
SEED: Final = 1
FIGURES: Final = "figures.jsonl"
COLUMNS: Final = (
    ("nodes", "nodes"),
    ("fault", "fault"),
    ("records", "records"),
    ("p50, s", "converged_p50_s"),
    ("p99, s", "converged_p99_s"),
    ("last, s", "converged_max_s"),
    ("bytes a record", "bytes_per_record"),
    ("of the log's files", "log_bytes_per_record"),
    ("lost", "lost"),
    ("doubled", "duplicated"),
    ("frozen", "frozen"),
    ("CPU, s", "cpu_seconds"),
    ("MiB", "mebibytes"),
)


def wanted() -> list[tuple[int, Fault]]:
    """Sizes of a healthy network first, then each fault."""
    faults = [fault for fault in Fault if fault is not Fault.HEALTHY]
    return [(nodes, Fault.HEALTHY) for nodes in SIZES] + [(nodes, fault) for nodes in FAULTS_AT for fault in faults]


def read_figures(folder: Path) -> list[dict[str, Any]]:
    """In the order of `wanted`; what was not run yet is missing."""
    file = folder / FIGURES
    lines = file.read_text().splitlines() if file.exists() else []
    held = {(run["nodes"], run["fault"]): run for run in map(json.loads, lines)}
    return [held[nodes, fault.value] for nodes, fault in wanted() if (nodes, fault.value) in held]


def measure(nodes: int, fault: Fault) -> dict[str, Any]:
    """One run, with what it cost this machine; the memory is the most that this process has had."""
    began = time.process_time()
    document = simulate(Plan(nodes=nodes, seed=SEED, fault=fault))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024
    return document | {"cpu_seconds": round(time.process_time() - began), "mebibytes": most}


def table(runs: Sequence[Mapping[str, Any]]) -> str:
    """In Markdown."""
    rows = [[name for name, _ in COLUMNS], ["---"] * len(COLUMNS)]
    rows += [[_told(run[field]) for _, field in COLUMNS] for run in runs]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _told(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def draw(folder: Path, runs: Sequence[Mapping[str, Any]]) -> None:
    (folder / "convergence.svg").write_text(convergence_svg(runs))
    # A fault that takes a term, or ends memberships, counts other days: costs are compared among like runs.
    healthy = [run for run in runs if run["fault"] == Fault.HEALTHY]
    (folder / "cost.svg").write_text(cost_svg(healthy))


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    done = {(run["nodes"], run["fault"]) for run in read_figures(folder)}
    for nodes, fault in wanted():
        if (nodes, fault.value) not in done:
            print(f"{nodes} nodes, {fault.value} ...", file=sys.stderr, flush=True)  # noqa: T201 - what a target says
            with (folder / FIGURES).open("a") as file:
                file.write(json.dumps(measure(nodes, fault)) + "\n")
    runs = read_figures(folder)
    draw(folder, runs)
    print(table(runs))  # noqa: T201 - for docs/scale.md


if __name__ == "__main__":
    main(Path(sys.argv[1]))
