"""Draw a driver diagram, and keep versions of it."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.school.drivers.read import depths_of, drivers_of
from nic_node.school.drivers.tables import Driver, DriverVersion
from nic_node.school.editing import keep_changes, keep_new, locked_row, long_ones, verify
from nic_node.school.measures.tables import Measure
from nic_node.school.projects.write import locked_project

LEVELS = {"primary": N_("Primary driver"), "secondary": N_("Secondary driver"), "idea": N_("Change idea")}
UNDER = {"primary": (None,), "secondary": ("primary",), "idea": ("primary", "secondary")}
"""What each may stand under; None is the aim."""
MOST = 60
NO_DRIVER = N_("There is no such driver here.")


async def add_driver(
    session: AsyncSession,
    *,
    actor: Actor,
    project_id: int,
    level: str,
    text: str,
    because: str,
    under_id: int | None,
    measure_id: int | None,
    now: datetime,
) -> Driver:
    """Add a driver or an idea, with the hypothesis of the line that leads up from it.

    Raises:
        NotFound.
        Conflict: MOST are there.
        InvalidInput: with sentences beside the fields.
    """
    project = await locked_project(session, project_id)
    said = long_ones({"text": text, "because": because}, {"text": 200, "because": 400})
    if not text.strip():
        said["text"] = N_("Say what drives it.")
    above = await session.get(Driver, under_id) if under_id is not None else None
    if level not in LEVELS:
        said["level"] = N_("Choose what it is.")
    elif (under_id is not None and (above is None or above.project_id != project_id)) or (
        (above.level if above else None) not in UNDER[level]
    ):
        said["under_id"] = N_(
            "Primary drivers stand under the aim, secondary ones under a primary, ideas under either."
        )
    measure = await session.get(Measure, measure_id) if measure_id is not None else None
    if measure_id is not None and (measure is None or measure.project_id != project_id):
        said["measure_id"] = N_("Choose a measure of this project.")
    verify(said)
    there = await session.scalar(select(func.count()).select_from(Driver).where(Driver.project_id == project_id))
    if (there or 0) >= MOST:
        raise Conflict(N_("This diagram is full: nobody reads more. Remove something first."))
    row = Driver(
        project_id=project.id,
        under_id=under_id,
        level=level,
        text=text.strip(),
        because=because.strip(),
        measure_id=measure_id,
    )
    return await keep_new(session, row, actor=actor, action="driver.added", now=now)


async def try_idea(session: AsyncSession, *, actor: Actor, driver_id: int, now: datetime) -> Driver:
    """This is the idea that the project's cycles test; another one no longer is.

    Raises:
        NotFound.
        Conflict: it is no idea.
    """
    row = await locked_row(session, Driver, driver_id, missing=NO_DRIVER)
    if row.level != "idea":
        raise Conflict(N_("Cycles test an idea, not what it drives."))
    tried = select(Driver).where(Driver.project_id == row.project_id, Driver.is_tried, Driver.id != row.id)
    for other in await session.scalars(tried):
        await keep_changes(session, other, {"is_tried": False}, actor=actor, action="driver.tried", now=now)
    return await keep_changes(session, row, {"is_tried": True}, actor=actor, action="driver.tried", now=now)


async def keep_version(
    session: AsyncSession, *, actor: Actor, project_id: int, today: date, now: datetime
) -> DriverVersion:
    """The diagram as it stands, under the next number.

    Raises:
        NotFound.
        Conflict: nothing is drawn, or nothing changed since the last one.
    """
    project = await locked_project(session, project_id)
    drivers = await drivers_of(session, project_id)
    if not drivers:
        raise Conflict(N_("Nothing is drawn yet."))
    depths = depths_of(drivers)
    drawn = [{"level": row.level, "text": row.text, "because": row.because, "depth": depth} for depth, row in depths]
    newest = select(DriverVersion).where(DriverVersion.project_id == project_id).order_by(DriverVersion.number.desc())
    last: DriverVersion | None = await session.scalar(newest.limit(1))
    if last is not None and (last.drivers, last.aim) == (drawn, project.aim_text):
        raise Conflict(N_("Nothing changed since the last version."))
    row = DriverVersion(
        project_id=project_id,
        number=last.number + 1 if last else 1,
        kept_on=today,
        aim=project.aim_text,
        drivers=drawn,
    )
    return await keep_new(session, row, actor=actor, action="driver.version-kept", now=now)
