"""Charts from numbers to SVG, against one f-string a point: a run chart of 45 days, a P chart of 200 points."""

import random

from bench.pairs import Result, compare
from nic_node.charts.control import control_chart_svg
from nic_node.charts.frame import ChartPoint
from nic_node.evidence.control_chart import control_chart, run_chart

N = 20
DAYS, POINTS = 45, 200


def run() -> list[Result]:
    return [_run_chart(), _p_chart()]


def _run_chart() -> Result:
    draw = random.Random(1)
    values = [round(draw.gauss(92, 2), 1) for _ in range(DAYS)]
    points = [ChartPoint(f"day {day}") for day in range(1, DAYS + 1)]

    def draw_ours() -> None:
        for _ in range(N):
            control_chart_svg("Attendance", "Of each day.", points, run_chart(values), unit="%")

    return compare("run-chart-svg", draw_ours, lambda: _bare(values), n=N)


def _p_chart() -> Result:
    """Limits of their own at each point, a target, shifts and points outside: the most that a chart draws."""
    draw = random.Random(2)
    sizes = [draw.randint(300, 420) for _ in range(POINTS)]
    counts = [round(size * min(draw.gauss(0.9, 0.03), 1)) for size in sizes]
    points = [ChartPoint(f"Oct {day}", f"day {day}") for day in range(1, POINTS + 1)]
    values = [100 * count / size for count, size in zip(counts, sizes, strict=True)]

    def draw_ours() -> None:
        for _ in range(N):
            chart = control_chart("p", counts, sizes).scaled(100)
            control_chart_svg("Attendance", "Of each day.", points, chart, unit="%", target=95)

    return compare("p-chart-svg-200", draw_ours, lambda: _bare(values), n=N)


def _bare(values: list[float]) -> None:
    for _ in range(N):
        "".join(f'<circle cx="{16 * day}" cy="{100 - value}" r="4"/>' for day, value in enumerate(values))
