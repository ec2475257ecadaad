"""People, their ways in, and the audit log. People are deactivated, never deleted: what they did keeps its author."""

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, JSON, ForeignKey, Index, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime

NAME_LENGTH = 120
EMAIL_LENGTH = 254
DIGEST_LENGTH = 64


class Person(Base):
    """Somebody with an account, or who was invited to one (`joined_at` is empty until the invitation is accepted)."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    # Case-folded; folding can lengthen a text ('ß' becomes 'ss').
    email_key: Mapped[str] = mapped_column(String(3 * EMAIL_LENGTH), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(300))
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    active: Mapped[bool] = mapped_column(default=True)
    # Of pages and e-mails; empty for what the browser asks for.
    language: Mapped[str] = mapped_column(String(5), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class RoleGrant(Base):
    __tablename__ = "role_grants"
    __table_args__ = (UniqueConstraint("person_id", "role"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str] = mapped_column(String(30), index=True)
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignInSession(Base):
    """A browser that somebody is signed in with. Only the token's hash is kept; ending a session deletes its row."""

    __tablename__ = "sign_in_sessions"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(DIGEST_LENGTH), unique=True)
    browser: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OneTimeLink(Base):
    """A link that works once. There is one row for each `key`, so that a newer link replaces the older."""

    __tablename__ = "one_time_links"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    # The purpose and whom it is for: 'setup', 'invitation:12', 'reset:12'.
    key: Mapped[str] = mapped_column(String(60), unique=True)
    purpose: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    token_hash: Mapped[str] = mapped_column(String(DIGEST_LENGTH), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInAttempt(Base):
    """One try to sign in, kept for a day. The account is a hash: people type passwords into the wrong field."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index(None, "account_hash", "at"), Index(None, "address", "at"))

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    account_hash: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    address: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    succeeded: Mapped[bool] = mapped_column(default=False)


class AccessToken(Base):
    """What a program signs in with. It allows `scopes`, as far as its owner is still allowed them."""

    __tablename__ = "access_tokens"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    token_hash: Mapped[str] = mapped_column(String(DIGEST_LENGTH), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditEntry(Base):
    """Who changed what, when. The database itself refuses to change or delete a row: see `APPEND_ONLY`."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "subject", "subject_id"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    actor_name: Mapped[str] = mapped_column(String(500))
    action: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[str | None] = mapped_column(String(200))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


APPEND_ONLY = {
    "sqlite": tuple(
        f"CREATE TRIGGER audit_entries_no_{verb} BEFORE {verb} ON audit_entries "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        for verb in ("update", "delete")
    ),
    "postgresql": (
        """
        CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$
        """,
        """
        CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE ON audit_entries
        FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()
        """,
    ),
}
"""The triggers that keep the audit log append-only, by dialect; the migration that makes the table runs them too."""

for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        _trigger = DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its constructor untyped
        event.listen(AuditEntry.__table__, "after_create", _trigger.execute_if(dialect=_dialect))
