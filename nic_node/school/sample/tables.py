"""Which rows are sample data."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey


class SampleRow(Base):
    """One row that came with the sample data: `table_name` is 'goals', 'projects', ..., `row_id` its id there."""

    __tablename__ = "sample_rows"
    __table_args__ = (UniqueConstraint("table_name", "row_id"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    table_name: Mapped[str] = mapped_column(String(40))
    row_id: Mapped[int]
