"""The family tree of a practice: a branch a school that tried it, what it decided, and which steps it kept.

Above each column stands the number of a step, in bold where the step is core. A filled circle is a step that was kept,
a hollow one a step that was left out; where nothing is told of a school's steps, nothing stands.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from gettext import NullTranslations

from nic_node.charts.frame import Decision, decision_mark
from nic_node.charts.svg import TEXT_WIDTH, Size, down, path, picture, px, text
from nic_node.evidence.sentence import ENGLISH
from nic_node.i18n import N_

WIDTH = {"wide": 744.0, "narrow": 326.0}
ROW = {"wide": 42.0, "narrow": 58.0}
TOP = 34.0
TRUNK, NODE, WORDS = 10.0, 30.0, 48.0
FIRST_STEP, STEP = 480.0, 22.0
"""On the wide drawing the steps stand beside the words, on the narrow one below them."""
STEPS_BELOW = 44.0
RADIUS = {"wide": 5.5, "narrow": 5.0}
MOST_ROWS = 12
"""More are in the table only, so that the tree stays readable."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A school's result: `kept` are indexes of the practice's steps, None where nothing is told of them."""

    label: str
    sublabel: str
    decision: Decision
    kept: Collection[int] | None


@dataclass(frozen=True, slots=True)
class _Frame:
    size: Size
    steps: int

    @property
    def first_step(self) -> float:
        if self.size == "narrow":
            return WORDS + RADIUS["narrow"]
        return min(FIRST_STEP, WIDTH["wide"] - 8 - STEP * self.steps)

    def step_x(self, step: int) -> float:
        return self.first_step + step * STEP

    @property
    def words_room(self) -> float:
        end = self.first_step - 16 if self.size == "wide" and self.steps else WIDTH[self.size]
        return end - WORDS


def family_svg(
    title: str,
    says: str,
    branches: Sequence[Branch],
    *,
    steps: int,
    core: Collection[int],
    size: Size = "wide",
    catalogue: NullTranslations = ENGLISH,
) -> str:
    """The drawing of up to `MOST_ROWS` branches, 744 px wide or 326 px narrow."""
    frame, shown = _Frame(size, steps), branches[:MOST_ROWS]
    parts = [
        *_head(frame, core, catalogue),
        *_trunk(frame, len(shown)),
        *(part for place, branch in enumerate(shown) for part in _branch(frame, place, branch)),
    ]
    return picture(size, WIDTH[size], TOP + ROW[size] * len(shown) + 4, title, says, parts)


def _head(frame: _Frame, core: Collection[int], catalogue: NullTranslations) -> Iterator[str]:
    yield text(0, 16, catalogue.gettext(N_("The practice")), "ch-k")
    if frame.steps and frame.size == "wide":
        first = frame.step_x(0)
        yield text(first - 14, 16, catalogue.gettext(N_("Step")), "", "end")
        for step in range(frame.steps):
            yield text(frame.step_x(step), 16, str(step + 1), "ch-k" if step in core else "", "middle")


def _trunk(frame: _Frame, rows: int) -> Iterator[str]:
    if rows:
        yield down("ch-interval", TRUNK, 24, _middle(frame, rows - 1) - 8)


def _middle(frame: _Frame, place: int) -> float:
    return TOP + place * ROW[frame.size] + 14


def _branch(frame: _Frame, place: int, branch: Branch) -> Iterator[str]:
    y = _middle(frame, place)
    yield path("ch-interval", f"M{px(TRUNK)} {px(y - 8)}q0 8 8 8H{px(NODE - 8)}")
    yield from decision_mark(branch.decision, NODE, y)
    yield text(WORDS, y + 4, _fitting(branch.label, frame.words_room), "ch-m")
    if branch.sublabel:
        yield text(WORDS, y + 19, _fitting(branch.sublabel, frame.words_room), "ch-s")
    if branch.kept is None:
        return
    below = STEPS_BELOW - 14 if frame.size == "narrow" else 0.0
    for step in range(frame.steps):
        kind = "ch-kept" if step in branch.kept else "ch-dropped"
        yield _circle(kind, frame.step_x(step), y + below, RADIUS[frame.size])


def _circle(kind: str, x: float, y: float, radius: float) -> str:
    return f'<circle class="{kind}" cx="{px(x)}" cy="{px(y)}" r="{px(radius)}"/>'


def step_mark(kind: str) -> str:
    """For the key: a step that was kept ('ch-kept') or left out ('ch-dropped')."""
    return _circle(kind, 7, 7, RADIUS["narrow"])


def _fitting(words: str, room: float) -> str:
    most = int(room / TEXT_WIDTH)
    return words if len(words) <= most else words[: most - 1].rstrip(" ,") + "…"
