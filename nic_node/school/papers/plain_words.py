"""Vision, goals and projects in words for families, English or Spanish: written by people, as no program translates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.i18n import LANGUAGES, N_, too_long
from nic_node.school.communication.plain import find_giveaways
from nic_node.school.editing import keep_changes, keep_new, verify
from nic_node.school.known_names import KnownNames
from nic_node.school.papers.tables import PlainWords
from nic_node.school.plan.goals import plan_of_year
from nic_node.school.projects.tables import Project

LONGEST = 400
ABOUT = ("vision", "goal", "project")
GIVES_AWAY = N_("This stands for few people, or names one: say it without the number or the person.")
NOT_HERE = N_("This is no longer here; load the page anew.")
Key = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """One thing, as the school says it and as families read it. Attributes: texts: language -> text, '' for none."""

    about: str
    about_id: int
    title: str
    texts: Mapping[str, str]


async def plain_words_in(session: AsyncSession, language: str) -> dict[Key, str]:
    """(about, id) -> text."""
    rows = await session.scalars(select(PlainWords).where(PlainWords.language == language, PlainWords.text != ""))
    return {(row.about, row.about_id): row.text for row in rows}


async def worded(session: AsyncSession, school_year: str) -> list[Worded]:
    """What the papers of a year name to families, with what was written so far."""
    plan = await plan_of_year(session, school_year)
    if plan is None:
        return []
    named: list[tuple[str, int, str]] = [("vision", plan.id, plan.vision)] if plan.vision else []
    named += [("goal", goal.id, goal.title) for goal in plan.goals]
    serving = select(Project).where(Project.goal_id.in_([goal.id for goal in plan.goals]), Project.state != "draft")
    named += [("project", one.id, one.title) for one in await session.scalars(serving.order_by(Project.id))]
    texts = {language: await plain_words_in(session, language) for language in LANGUAGES}
    return [
        Worded(
            about=about,
            about_id=about_id,
            title=title,
            texts={language: known.get((about, about_id), "") for language, known in texts.items()},
        )
        for about, about_id, title in named
    ]


async def keep_plain_words(
    session: AsyncSession,
    *,
    actor: Actor,
    school_year: str,
    language: str,
    texts: Sequence[tuple[str, int, str]],
    names: KnownNames,
    now: datetime,
) -> int:
    """Keep (about, id, text) in a language, '' to take it away; how many changed. All of them or none.

    Raises:
        InvalidInput: 'texts.N' for the N-th, from 0: too long, gives somebody away, or not of this year.
    """
    known = {(one.about, one.about_id): one.texts[language] for one in await worded(session, school_year)}
    said: dict[str, str | None] = {}
    for at, (about, about_id, text) in enumerate(texts):
        if (about, about_id) not in known:
            said[f"texts.{at}"] = NOT_HERE
        elif len(text) > LONGEST:
            said[f"texts.{at}"] = too_long(LONGEST)
        elif find_giveaways(text, names):
            said[f"texts.{at}"] = GIVES_AWAY
    verify(said)
    stored = select(PlainWords).where(PlainWords.language == language).with_for_update()
    rows = {(row.about, row.about_id): row for row in await session.scalars(stored)}
    changed = [(about, one, text.strip()) for about, one, text in texts if text.strip() != known[(about, one)]]
    for about, about_id, text in changed:
        row = rows.get((about, about_id))
        if row is None:
            made = PlainWords(about=about, about_id=about_id, language=language, text=text)
            await keep_new(session, made, actor=actor, action="plain-words.written", now=now)
        else:
            await keep_changes(session, row, {"text": text}, actor=actor, action="plain-words.changed", now=now)
    return len(changed)
