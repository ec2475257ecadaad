"""Searches that people keep, and what counts for them as like their school."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.accounts.tables import DIGEST_LENGTH
from nic_node.db.base import Base, BigIntKey, UtcDateTime

NAME_LENGTH = 120
QUERY_LENGTH = 2_000


class SavedSearch(Base):
    """One person's search: `query` is the address's, without its page.

    `told_upto` is the newest record's id when its owner was last told of new practices; `feed_hash` is of the secret in
    the address of its feed, None as long as it has none.
    """

    __tablename__ = "saved_searches"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    query: Mapped[str] = mapped_column(String(QUERY_LENGTH))
    has_digest: Mapped[bool] = mapped_column()
    told_upto: Mapped[int] = mapped_column(BigIntKey)
    feed_hash: Mapped[str | None] = mapped_column(String(DIGEST_LENGTH), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LikenessWeights(Base):
    """Attribute of `SIMILARITY_WEIGHTS` -> how much it counts for this person; no row where as usual."""

    __tablename__ = "likeness_weights"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    weights: Mapped[dict[str, float]] = mapped_column(JSON)
