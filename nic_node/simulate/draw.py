"""Two drawings of many runs, as files that stand alone: how fast records reach everybody, and what a node receives."""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any, Final

from nic_node.charts.svg import across, down, px, rect, text
from nic_node.simulate.figures import BYTES_OF_TIME
from nic_node.simulate.reading import Purpose

Document = Mapping[str, Any]

WIDTH: Final = 760.0
LEFT: Final = 170.0
RIGHT: Final = 610.0
ROW: Final = 24.0
TOP: Final = 44.0
SHORTEST_SECONDS: Final = 1.0
TIMES: Final = (
    (1, "1 s"),
    (10, "10 s"),
    (60, "1 min"),
    (600, "10 min"),
    (3_600, "1 h"),
    (21_600, "6 h"),
    (86_400, "1 day"),
)
PARTS: Final[tuple[tuple[str, str, tuple[Purpose, ...]], ...]] = (
    ("polls, looks at copies", "p1", (Purpose.POLLS, Purpose.COPIES)),
    ("envelopes of others, hints", "p2", (Purpose.RELAYED, Purpose.HINTS)),
    ("the log's files", "p3", tuple(purpose for purpose in Purpose if purpose not in BYTES_OF_TIME)),
)
STYLE: Final = (
    "text{font:13px system-ui,sans-serif;fill:#1b1b1b}.s{fill:#565c65}.grid{stroke:#dfe1e2;fill:none}"
    ".goal{stroke:#565c65;stroke-dasharray:6 4;fill:none}.tail{stroke:#a9aeb1;stroke-width:2;fill:none}"
    ".most{fill:#005ea2}.half{fill:#fff;stroke:#005ea2;stroke-width:2}"
    ".p1{fill:#a9aeb1}.p2{fill:#73b3e7}.p3{fill:#005ea2}.paper{fill:#fff}"
)


def convergence_svg(runs: Sequence[Document]) -> str:
    """A row a run on a scale of time: from the median to the 99th percentile, and to the last."""
    longest = max(run["converged_max_s"] for run in runs)
    span = math.log10(max(longest, TIMES[-1][0]) / SHORTEST_SECONDS)

    def x(seconds: float) -> float:
        return LEFT + (RIGHT - LEFT) * math.log10(max(seconds, SHORTEST_SECONDS) / SHORTEST_SECONDS) / span

    bottom = TOP + ROW * len(runs)
    parts = [down("grid", x(seconds), TOP - 8, bottom) for seconds, _ in TIMES]
    parts += [text(x(seconds), TOP - 14, words, "s", "middle") for seconds, words in TIMES]
    parts.append(down("goal", x(120), TOP - 8, bottom))
    for number, run in enumerate(runs):
        parts += _delay_row(run, TOP + ROW * (number + 0.5), x)
    parts.append(text(LEFT, bottom + 20, "ring: half; bar: 99 in 100; line: all. Dashed: two polls (2 min).", "s"))
    title = "How long after sequencing a record stands in a node's library"
    return _file(title, _in_words(runs), bottom + 34, parts)


def _delay_row(run: Document, y: float, x: Callable[[float], float]) -> list[str]:
    half, most, last = (x(run[name]) for name in ("converged_p50_s", "converged_p99_s", "converged_max_s"))
    told = f"{_duration(run['converged_p50_s'])}, {_duration(run['converged_p99_s'])}"
    return [
        text(LEFT - 12, y + 4, _name(run), "", "end"),
        across("tail", half, last, y),
        rect("most", half, y - 4, max(most - half, 1.0), 8),
        f'<circle class="half" cx="{px(half)}" cy="{px(y)}" r="4"/>',
        text(RIGHT + 12, y + 4, told, "s"),
    ]


def cost_svg(runs: Sequence[Document]) -> str:
    """A bar a run: bytes received by one node, over the records, by what they were for."""
    widest = max(run["bytes_per_record"] for run in runs)
    bottom = TOP + ROW * len(runs)
    parts: list[str] = []
    left = LEFT
    for words, kind, _ in PARTS:
        parts += [rect(kind, left, TOP - 26, 10, 10), text(left + 16, TOP - 17, words, "s")]
        left += 40 + 7.1 * len(words)
    for number, run in enumerate(runs):
        y = TOP + ROW * number
        sizes = [sum(run["bytes"][purpose] for purpose in purposes) / run["records"] for _, _, purposes in PARTS]
        ends = [LEFT + (RIGHT - LEFT) * sum(sizes[:count]) / widest for count in range(len(sizes) + 1)]
        bars = zip(PARTS, pairwise(ends), strict=True)
        parts.append(text(LEFT - 12, y + 16, _name(run), "", "end"))
        parts += [rect(kind, start, y + 5, end - start, 14) for (_, kind, _), (start, end) in bars]
        parts.append(text(RIGHT + 12, y + 16, f"{run['bytes_per_record']:,} B", "s"))
    return _file("Bytes that one node receives, over the records", _in_words(runs), bottom + 12, parts)


def _name(run: Document) -> str:
    return f"{run['nodes']:,} nodes" if run["fault"] == "healthy" else f"{run['fault']}, {run['nodes']:,}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"


def _in_words(runs: Sequence[Document]) -> str:
    return " ".join(
        f"{_name(run)}: half within {_duration(run['converged_p50_s'])}, 99 in 100 within"
        f" {_duration(run['converged_p99_s'])}, {run['bytes_per_record']:,} bytes a record."
        for run in runs
    )


def _file(title: str, says: str, height: float, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {px(WIDTH)} {px(height)}" role="img">'
    named = f"<title>{escape(title)}</title><desc>{escape(says)}</desc><style>{STYLE}</style>"
    return f"{head}{named}{rect('paper', 0, 0, WIDTH, height)}{''.join(parts)}</svg>\n"
