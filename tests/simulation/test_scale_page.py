"""docs/scale.md says what was measured: its table and its drawings are those of the figures beside them."""

from pathlib import Path

from nic_node.simulate.plan import Fault
from nic_node.simulate.scale import SIZES, draw, read_figures, table

DOCS = Path(__file__).parents[2] / "docs"


def test_the_table_is_that_of_the_figures() -> None:
    runs = read_figures(DOCS / "scale")

    assert [run["nodes"] for run in runs if run["fault"] == Fault.HEALTHY] == list(SIZES)
    assert table(runs) in (DOCS / "scale.md").read_text()


def test_the_drawings_are_those_of_the_figures(tmp_path: Path) -> None:
    draw(tmp_path, read_figures(DOCS / "scale"))

    for name in ("convergence.svg", "cost.svg"):
        assert (tmp_path / name).read_text() == (DOCS / "scale" / name).read_text()


def test_what_the_page_claims_holds_of_its_figures() -> None:
    runs = read_figures(DOCS / "scale")
    healthy = [run for run in runs if run["fault"] == Fault.HEALTHY]

    assert all((run["lost"], run["duplicated"]) == (0, 0) for run in runs)
    assert all(run["waiting"] == 0 for run in runs if run["fault"] != Fault.FORK)
    assert all(run["converged_p99_s"] <= 120 for run in healthy)
    costs = [run["bytes_per_record"] for run in healthy]
    assert max(costs) <= 1.1 * min(costs)
    assert all(run["frozen"] == run["evidence"] for run in runs)
