"""At a school: which district it named, and what that sees. At a district: its schools, and its answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import UtcDateTime
from nic_node.school.editing import Editable

ENTITY_LENGTH = 200
NAMED, OURS, REFUSED = "named", "ours", "refused"
"""States of a school at its district: it says so; the district says so too; the district says no."""


class Sharing(Editable):
    """One row at most: the district that this school named, since `created_at`.

    `shares` are of `schemas.district.SHARES`; none: off.
    `pinned` are thumbprints of the district's federation keys, first those of the day on which it was named;
    `http_keys` are the keys of its requests, by kid, from a configuration that one of them signed.
    """

    __tablename__ = "district_sharing"

    entity: Mapped[str] = mapped_column(String(ENTITY_LENGTH))
    pinned: Mapped[list[str]] = mapped_column(JSON)
    http_keys: Mapped[dict[str, Any]] = mapped_column(JSON)
    keys_expire_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    shares: Mapped[list[str]] = mapped_column(JSON)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str] = mapped_column(String(300))


class DistrictSchool(Editable):
    """A school that named this node its district. `state` is NAMED, OURS or REFUSED.

    `shared` is the last copy of what it shares (`schemas.district.SharedSchema`); None once it shares nothing here.
    """

    __tablename__ = "district_schools"

    entity: Mapped[str] = mapped_column(String(ENTITY_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10))
    shared: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str] = mapped_column(String(300))


class DistrictAnswer(Editable):
    """What this district says of an obstacle; `sent_at` is None until the school has it."""

    __tablename__ = "district_answers"
    __table_args__ = (UniqueConstraint("school_id", "obstacle_id"),)

    school_id: Mapped[int] = mapped_column(ForeignKey("district_schools.id"), index=True)
    obstacle_id: Mapped[int] = mapped_column()
    answer: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(400))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str] = mapped_column(String(300))
