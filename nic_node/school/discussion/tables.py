"""Comments and files beside the school's work. A file's bytes stand once, under their hash."""

from sqlalchemy import BigInteger, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base
from nic_node.school.editing import Editable


class Comment(Editable):
    """`subject_kind` is one of `subjects.SUBJECTS`."""

    __tablename__ = "comments"
    __table_args__ = (Index("ix_comments_subject_kind_subject_id", "subject_kind", "subject_id"),)

    subject_kind: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(String(2000))


class AttachedFile(Base):
    """`sha256` is in hex. What no attachment names any more is pruned."""

    __tablename__ = "attached_files"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Attachment(Editable):
    """`media_type` is what the content is, whatever the name says; `size` in bytes."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_subject_kind_subject_id", "subject_kind", "subject_id"),)

    subject_kind: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    # No foreign key: a file stays while its attachment is in the bin.
    sha256: Mapped[str] = mapped_column(String(64), index=True)
