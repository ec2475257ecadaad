"""Why it happens: causes by branches of a fishbone or as a chain of whys, the current process, voices, consensus."""

from datetime import date

from sqlalchemy import JSON, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.school.editing import Editable


class Cause(Editable):
    """`branch` is one of `write.BRANCHES`; `why_id` is the cause that this one explains. A chosen one is worked on."""

    __tablename__ = "causes"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    why_id: Mapped[int | None] = mapped_column(ForeignKey("causes.id"), index=True)
    branch: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(String(300))
    is_chosen: Mapped[bool] = mapped_column(default=False)


class CurrentProcess(Editable):
    """How it goes now, a step a line."""

    __tablename__ = "current_processes"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), unique=True)
    steps: Mapped[str] = mapped_column(String(2000), default="")


class Talk(Editable):
    """A short talk with some `people` of students, families or staff (`with_whom`): for the team, and nobody's name."""

    __tablename__ = "talks"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    held_on: Mapped[date] = mapped_column(Date)
    with_whom: Mapped[str] = mapped_column(String(10))
    people: Mapped[int]
    said: Mapped[str] = mapped_column(String(1000))


class ConsensusCheck(Editable):
    """Fist to five, before a change of the whole school: `fists` holds how many showed 0, 1, 2, 3, 4 and 5 fingers."""

    __tablename__ = "consensus_checks"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    held_on: Mapped[date] = mapped_column(Date)
    question: Mapped[str] = mapped_column(String(300))
    heard: Mapped[str] = mapped_column(String(400), default="")
    fists: Mapped[list[int]] = mapped_column(JSON)
