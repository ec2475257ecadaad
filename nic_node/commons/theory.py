"""A network's theory beside what its results say: the driver diagram of its charter, with counts on its edges."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from gettext import NullTranslations
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.charts.drivers import DriverBox, IdeaRow, Way, drivers_svg
from nic_node.commons.draw import Drawing
from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.i18n import N_
from nic_node.membership.documents import document_of
from nic_node.membership.read import networks_with_logs
from nic_node.mirror.counts import UNTOLD, results_by_idea
from nic_node.mirror.read import mirrored_logs
from schemas.vocab import IDEAS, MEASURES

DIRECTION_WORDS: Final = ("better", "no-clear-change", "worse", "cannot-tell")
NO_AIM: Final = N_("What this network wants to reach")
SAID: Final[Mapping[str, str]] = {
    "better": N_("{count} better"),
    "no-clear-change": N_("{count} no clear change"),
    "worse": N_("{count} worse"),
    "cannot-tell": N_("{count} can’t tell"),
    UNTOLD: N_("{count} described only"),
}

Counts = Mapping[str, Counter[str]]


@dataclass(frozen=True, slots=True)
class IdeaCounts:
    """An idea of the vocabulary, and its results by direction word or `UNTOLD`."""

    idea: str
    counts: Counter[str]

    @property
    def results(self) -> int:
        return self.counts.total()

    @property
    def way(self) -> Way:
        """Which way most of those went that tell one."""
        if not self.results:
            return "none"
        better, worse = self.counts["better"], self.counts["worse"]
        return "better" if better > worse else "worse" if worse > better else "unclear"


@dataclass(frozen=True, slots=True)
class Driver:
    name: str
    ideas: tuple[IdeaCounts, ...]
    measures: tuple[str, ...]

    @property
    def counts(self) -> Counter[str]:
        return sum((idea.counts for idea in self.ideas), Counter())


@dataclass(frozen=True, slots=True)
class Theory:
    """Of one network, by its entity id: `version` is the charter's; without `drivers` there is no diagram yet."""

    network: str
    name: str
    version: int
    aim: str
    text: str
    drivers: tuple[Driver, ...]

    def document(self) -> dict[str, Any]:
        return {
            "network": self.network,
            "name": self.name,
            "charter_version": self.version,
            "aim": self.aim or None,
            "theory": self.text or None,
            "drivers": [_driver_document(driver) for driver in self.drivers],
        }


def build_theory(charter: Mapping[str, Any], counts: Counts) -> Theory:
    """The diagram of a charter with what was counted."""
    drivers = tuple(
        Driver(
            driver["name"],
            tuple(IdeaCounts(idea, counts.get(idea, Counter())) for idea in driver.get("ideas", ())),
            tuple(driver.get("measures", ())),
        )
        for driver in charter.get("drivers", ())
    )
    return Theory(
        charter["network"],
        charter["name"],
        charter["version"],
        charter.get("aim", ""),
        charter.get("theory", ""),
        drivers,
    )


async def my_theories(session: AsyncSession, *, now: datetime) -> list[Theory]:
    """Of each network whose library may be read now, by the charter that holds there today, as far as it is here."""
    logs = await mirrored_logs(session, now=now)
    found = []
    for membership in await networks_with_logs(session):
        own = [log.id for log in logs if log.membership_id == membership.id]
        charter = await document_of(session, membership.charter_sha256) if own else None
        if charter is not None:
            theory = build_theory(charter, await results_by_idea(session, own))
            found.append(replace(theory, name=membership.name))
    return found


def draw_theory(theory: Theory, catalogue: NullTranslations = ENGLISH) -> Drawing | None:
    """The diagram, and its table; None without drivers."""
    if not theory.drivers:
        return None
    boxes = [
        DriverBox(
            driver.name,
            [
                IdeaRow(
                    catalogue.gettext(IDEAS[idea.idea].label),
                    counts_words(idea.counts, catalogue, ("better", "worse")),
                    idea.results,
                    idea.way,
                )
                for idea in driver.ideas
            ],
        )
        for driver in theory.drivers
    ]
    title = Sentence(N_("The driver diagram of {name}"), {"name": theory.name}).said(catalogue)
    says = _says(theory, catalogue)
    aim = theory.aim or catalogue.gettext(NO_AIM)
    wide, narrow = (drivers_svg(title, says, aim, boxes, size=size) for size in ("wide", "narrow"))
    heads = (
        N_("Driver"), N_("Idea"), N_("Results"), N_("Better"), N_("No clear change"), N_("Worse"), N_("Can’t tell"),
        N_("Described"),
    )  # fmt: skip
    return Drawing(title, says, wide, narrow, [catalogue.gettext(head) for head in heads], _rows(theory, catalogue))


def counts_words(
    counts: Counter[str], catalogue: NullTranslations = ENGLISH, told: Sequence[str] = (*DIRECTION_WORDS, UNTOLD)
) -> str:
    """'12 results: 7 better, 2 no clear change, 3 can't tell'; `told`: which of these are said."""
    if not counts.total():
        return catalogue.gettext(N_("no result yet"))
    parts = [Sentence(SAID[word], {"count": counts[word]}).said(catalogue) for word in told if counts[word]]
    head = N_("{count} results") if counts.total() > 1 else N_("{count} result")
    said = Sentence(head, {"count": counts.total()}).said(catalogue)
    return f"{said}: {', '.join(parts)}" if parts else said


def _says(theory: Theory, catalogue: NullTranslations) -> str:
    """How much of the theory has been tried."""
    ideas = {idea.idea: idea for driver in theory.drivers for idea in driver.ideas}
    tried = [idea for idea in ideas.values() if idea.results]
    values = {
        "tried": len(tried),
        "ideas": len(ideas),
        "better": sum(idea.way == "better" for idea in tried),
        "worse": sum(idea.way == "worse" for idea in tried),
    }
    words = N_("{tried} of {ideas} ideas have results: in {better} of them most got better, in {worse} most got worse.")
    return Sentence(words, values).said(catalogue)


def _rows(theory: Theory, catalogue: NullTranslations) -> list[Sequence[object]]:
    rows: list[Sequence[object]] = []
    for driver in theory.drivers:
        for idea in driver.ideas:
            label = catalogue.gettext(IDEAS[idea.idea].label)
            told = [idea.counts[word] for word in (*DIRECTION_WORDS, UNTOLD)]
            rows.append([driver.name, label, idea.results, *told])
    return rows


def measures_words(driver: Driver, catalogue: NullTranslations = ENGLISH) -> str:
    return ", ".join(catalogue.gettext(MEASURES[measure].label) for measure in driver.measures)


def _driver_document(driver: Driver) -> dict[str, Any]:
    return {
        "name": driver.name,
        "measures": list(driver.measures),
        "ideas": [
            {
                "idea": idea.idea,
                "results": idea.results,
                **{word: idea.counts[word] for word in (*DIRECTION_WORDS, UNTOLD)},
            }
            for idea in driver.ideas
        ],
    }
