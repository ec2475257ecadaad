"""A run chart of 45 days from numbers to SVG, against one f-string a point."""

import random

from bench.pairs import Result, compare
from nic_node.charts.run import RunPoint, run_chart_svg
from nic_node.evidence.control_chart import run_chart

N = 20
DAYS = 45


def run() -> Result:
    draw = random.Random(1)
    values = [round(draw.gauss(92, 2), 1) for _ in range(DAYS)]
    points = [RunPoint(value, f"day {day}", "") for day, value in enumerate(values, 1)]

    def draw_ours() -> None:
        for _ in range(N):
            run_chart_svg("Attendance", "Of each day.", points, run_chart(values), unit="%")

    def draw_bare() -> None:
        for _ in range(N):
            "".join(f'<circle cx="{16 * day}" cy="{100 - value}" r="4"/>' for day, value in enumerate(values))

    return compare("run-chart-svg", draw_ours, draw_bare, n=N)
