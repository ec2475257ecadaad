"""A series as a word-sized line: its shape, its median, its latest point. It stands beside words that say it."""

import math

from nic_node.charts.svg import across, path, px
from nic_node.evidence.control_chart import ControlChart

WIDTH, HEIGHT, MARGIN = 96.0, 24.0, 4.0


def sparkline_svg(chart: ControlChart) -> str:
    """96 x 24 px, hidden from screen readers; an empty string without numbers."""
    present = [(index, value) for index, value in enumerate(chart.y.tolist()) if not math.isnan(value)]
    if not present or chart.centre is None:
        return ""
    low = min(chart.centre, *(value for _, value in present))
    high = max(chart.centre, *(value for _, value in present))

    def y(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN)

    def x(index: int) -> float:
        return MARGIN + index * (WIDTH - 2 * MARGIN) / max(len(chart.y) - 1, 1)

    line = "L".join(f"{px(x(index))} {px(y(value))}" for index, value in present)
    index, latest = present[-1]
    mark = f"M{px(x(index))} {px(y(latest) - 4)}l4 4-4 4-4-4z"
    parts = (
        across("ch-median", MARGIN, WIDTH - MARGIN, y(chart.centre)),
        path("ch-line", f"M{line}"),
        path("ch-mark" if index in chart.signal_indexes or index in chart.sigma_signals else "ch-dot", mark),
    )
    return f'<svg class="ch-spark" viewBox="0 0 96 24" aria-hidden="true">{"".join(parts)}</svg>'
