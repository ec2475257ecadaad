"""What families read in place of a title: the same in plain words, or in their language."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.school.editing import Editable


class PlainWords(Editable):
    """`about` is vision, goal or project, and `about_id` which one (of the plan, for a vision)."""

    __tablename__ = "plain_words"
    __table_args__ = (UniqueConstraint("about", "about_id", "language"),)

    about: Mapped[str] = mapped_column(String(10))
    about_id: Mapped[int]
    language: Mapped[str] = mapped_column(String(2))
    text: Mapped[str] = mapped_column(String(400))
