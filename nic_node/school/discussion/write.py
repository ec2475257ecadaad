"""Write a comment or attach a file beside the school's work."""

import hashlib
import re
from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.people import people_of
from nic_node.db.insert import insert_if_missing
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_, filled, too_long
from nic_node.school.bin.tables import Binned
from nic_node.school.discussion.kinds_of_file import TAKEN, media_type_of
from nic_node.school.discussion.mentions import read_mentions
from nic_node.school.discussion.tables import AttachedFile, Attachment, Comment
from nic_node.school.editing import keep_new, verify
from nic_node.school.notices.tell import tell
from nic_node.school.subjects import SUBJECTS, subject_row

LONGEST_COMMENT = 2000
LONGEST_NAME = 120
MOST_BYTES = 5 * 1024 * 1024
MOST_FILES = 30
TOO_LARGE = N_("This file is larger than 5 MB. Attach a smaller one, or say where it lies.")
NO_FILE = N_("There is no such file here.")
UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Controls and what turns the direction of a name: 'gpj.exe' must not be shown as 'exe.jpg'."""


async def add_comment(
    session: AsyncSession, *, actor: Actor, kind: str, subject_id: int, text: str, now: datetime
) -> Comment:
    """Write beside a subject; whom it mentions, and who keeps the subject, hears of it.

    Raises:
        NotFound.
        InvalidInput: field 'text': empty, too long, or a name that is nobody's.
    """
    row = await subject_row(session, kind, subject_id)
    text = text.strip()
    said = N_("Write what you want to say.") if not text else None
    if len(text) > LONGEST_COMMENT:
        said = too_long(LONGEST_COMMENT)
    verify({"text": said})
    people = {person.id: person.name for person in await people_of(session) if person.joined}
    mentioned = read_mentions(text, people)
    comment = Comment(subject_kind=kind, subject_id=subject_id, text=text)
    await keep_new(session, comment, actor=actor, action="comment.written", now=now)
    subject = SUBJECTS[kind]
    keepers = {getattr(row, column.key) for column in subject.keepers} - mentioned
    about = getattr(row, subject.title.key)
    for told, why in ((mentioned, "mention"), (keepers, "comment")):
        await tell(
            session,
            told,
            actor=actor,
            kind=why,
            subject_kind=kind,
            subject_id=subject_id,
            about=about,
            text=text,
            now=now,
        )
    return comment


async def attach_file(
    session: AsyncSession, *, actor: Actor, kind: str, subject_id: int, name: str, content: bytes, now: datetime
) -> Attachment:
    """Keep a file beside a subject; the same bytes are kept once.

    Raises:
        NotFound.
        Conflict: there are MOST_FILES already.
        InvalidInput: field 'file': none, too large, or not a kind that is kept.
    """
    await subject_row(session, kind, subject_id)
    name = UNSEEN.sub("", name.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    if not name or not content:
        raise InvalidInput({"file": [N_("Choose a file. " + TAKEN)]})
    if len(content) > MOST_BYTES:
        raise InvalidInput({"file": [TOO_LARGE]})
    if len(name) > LONGEST_NAME:
        raise InvalidInput({"file": [filled(N_("Give it a name of at most {n} characters."), n=LONGEST_NAME)]})
    media_type = media_type_of(name, content)
    of_it = (Attachment.subject_kind == kind, Attachment.subject_id == subject_id)
    if (await session.scalar(select(func.count()).select_from(Attachment).where(*of_it)) or 0) >= MOST_FILES:
        raise Conflict(filled(N_("There are {n} files here already. Remove one that nobody needs."), n=MOST_FILES))
    sha256 = hashlib.sha256(content).hexdigest()
    await _keep_bytes(session, sha256, content)
    row = Attachment(
        subject_kind=kind,
        subject_id=subject_id,
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=sha256,
    )
    return await keep_new(session, row, actor=actor, action="attachment.added", now=now)


async def read_attachment(session: AsyncSession, attachment_id: int) -> tuple[Attachment, bytes]:
    """Raises NotFound."""
    row = await session.get(Attachment, attachment_id)
    if row is None:
        raise NotFound(NO_FILE)
    content = await session.scalar(select(AttachedFile.content).where(AttachedFile.sha256 == row.sha256))
    if content is None:
        raise NotFound(NO_FILE)
    return row, content


async def prune_files(session: AsyncSession) -> None:
    """Forget bytes that no attachment names, neither here nor in the bin."""
    unnamed = ~exists().where(Attachment.sha256 == AttachedFile.sha256)
    orphans = set(await session.scalars(select(AttachedFile.sha256).where(unnamed).with_for_update()))
    if not orphans:
        return
    binned = await session.scalars(select(Binned.rows).where(Binned.kind.in_(["attachment", *SUBJECTS])))
    kept = {document["row"].get("sha256") for rows in binned for document in rows}
    # Asked again, now that the bytes are held: an upload or the bin may have named them since.
    gone = (AttachedFile.sha256.in_(orphans - kept), unnamed)
    await session.execute(delete(AttachedFile).where(*gone).execution_options(synchronize_session=False))


async def _keep_bytes(session: AsyncSession, sha256: str, content: bytes) -> None:
    """Held until the attachment that names them is there for all to see, so that nobody forgets them meanwhile."""
    held = select(AttachedFile.sha256).where(AttachedFile.sha256 == sha256).with_for_update(read=True)
    while await session.scalar(held) is None:
        await insert_if_missing(session, AttachedFile, sha256=sha256, content=content)
