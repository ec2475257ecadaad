"""A paper: what a plan, a project or a year says to those outside the team, apart from how it is printed.

Page, API and the district's own form all show the same paper, so that what is held back is held back once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from gettext import NullTranslations
from typing import Final, Literal

from nic_node import i18n
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_
from nic_node.school.communication.plain import hold_back_giveaways
from nic_node.school.known_names import KnownNames
from nic_node.school.measures.chart import MeasureChart

WRITTEN_IN: Final = "en"
AS_WRITTEN: Final = N_("Titles and texts of the school stand as it wrote them.")
Audience = Literal["staff", "families", "district"]
AUDIENCES: Final[Mapping[str, str]] = {"staff": N_("Staff"), "families": N_("Families"), "district": N_("District")}


@dataclass(frozen=True, slots=True)
class Text:
    """`own`: the school's own words, which nobody translated. `quiet`: smaller, beside something else."""

    text: str
    own: bool = False
    quiet: bool = False
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Bullets:
    items: Sequence[str]
    own: bool = False
    kind: str = "bullets"


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of a name and what is said of it."""

    pairs: Sequence[tuple[str, str]]
    kind: str = "facts"


@dataclass(frozen=True, slots=True)
class Table:
    """`numbers`: indexes of columns that stand at the right. `total`: a last row, or none."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()
    total: Sequence[str] = ()
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with the sentence that carries it."""

    title: str
    says: str
    chart: MeasureChart
    kind: str = "chart"


Block = Text | Bullets | Facts | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """`level`: 2, or 3 under the one before."""

    title: str
    blocks: Sequence[Block]
    level: int = 2
    own_title: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Attributes: held_back: how many stretches of text and measures are not told, for whoever prints it."""

    title: str
    subtitle: str
    audience: Audience
    language: str
    sections: Sequence[Section]
    held_back: int
    names: KnownNames
    footer: str


@dataclass(slots=True, kw_only=True)
class Writer:
    """Words of one paper: in its language, and the school's own with small counts and names taken out.

    Attributes:
        held: how often something was held back so far.
        names: students and families who are not named on it.
        plain: (about, id) -> what families read in place of a title.
    """

    audience: Audience
    language: str
    catalogue: NullTranslations
    names: KnownNames
    held: int = 0
    plain: Mapping[tuple[str, int], str] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)

    @property
    def is_staff(self) -> bool:
        return self.audience == "staff"

    @property
    def is_families(self) -> bool:
        return self.audience == "families"

    def say(self, sentence: str, **values: object) -> str:
        """A sentence marked with `N_`, translated, its `{names}` filled."""
        return Sentence(sentence, values).said(self.catalogue)

    def own(self, text: str | None) -> str:
        """What somebody here wrote, without what stands for few people or for one."""
        if not text:
            return ""
        if text not in self._known:
            self._known[text], count = hold_back_giveaways(text.strip(), self.names)
            self.held += count
        return self._known[text]

    def named(self, about: str, about_id: int, title: str) -> tuple[str, bool]:
        """A vision, goal or project as this paper names it, and whether those are the school's own words still."""
        words = self.plain.get((about, about_id), "") if self.is_families else ""
        return (self.own(words), False) if words else (self.own(title), True)

    def day(self, value: date | None) -> str:
        return i18n.day(value, self.language, "UTC") if value else ""

    def each(self, *pairs: tuple[str, str]) -> list[tuple[str, str]]:
        """(marked name, text) for those that say something."""
        return [(self.say(name), text) for name, text in pairs if text]


def section(title: str, *blocks: Block | None, level: int = 2, own_title: bool = False) -> Section | None:
    """A section; None where nothing is in it."""
    some = [block for block in blocks if block is not None and not _is_empty(block)]
    return Section(title, some, level, own_title) if some else None


def whole(
    writer: Writer, title: str, subtitle: str, sections: Sequence[Section | None], *, school: str, today: date
) -> Paper:
    printed = writer.say(N_("Printed on {day}."), day=writer.day(today))
    small = writer.say(N_("Numbers of groups of fewer than ten people are not shown."))
    as_written = writer.say(AS_WRITTEN) if writer.language != WRITTEN_IN else ""
    return Paper(
        title=title,
        subtitle=subtitle,
        audience=writer.audience,
        language=writer.language,
        sections=[one for one in sections if one is not None],
        held_back=writer.held,
        names=writer.names,
        footer=" ".join(part for part in (f"{school}." if school else "", printed, small, as_written) if part),
    )


def _is_empty(block: Block) -> bool:
    filled: Mapping[type, Callable[..., object]] = {
        Text: lambda one: one.text,
        Bullets: lambda one: one.items,
        Facts: lambda one: one.pairs,
        Table: lambda one: one.rows,
        Chart: lambda one: one.chart.wide or one.says,
    }
    return not filled[type(block)](block)
