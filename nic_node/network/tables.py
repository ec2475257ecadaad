"""A network that is run on this node: its documents, its coordinators, who asked to join, and who decided what."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import DDL, JSON, Connection, ForeignKey, Index, LargeBinary, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime
from nic_node.network.fold import fold
from schemas.entity import PUBLISHER
from schemas.membership import NETWORK_TYPE, SCHOOL_TYPE

SORT_LENGTH: Final = 200
SEARCH_LENGTH: Final = 800


class Network(Base):
    """`entity` is its OpenID Federation entity id; its private keys rest in the keyring under that id.

    `charter_sha256` and `policy_sha256` name the documents as they stand today; an epoch fixes its own.
    """

    __tablename__ = "networks"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    entity: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    generation: Mapped[int] = mapped_column(default=1)
    log_key: Mapped[str] = mapped_column(String(400))
    leaf_jwk: Mapped[dict[str, str]] = mapped_column(JSON)
    charter_sha256: Mapped[str] = mapped_column(String(64))
    policy_sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class PublicDocument(Base):
    """A policy, charter or lattice as its canonical bytes; never changed, never deleted."""

    __tablename__ = "network_documents"
    __table_args__ = (UniqueConstraint("network_id", "sha256"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Coordinator(Base):
    """Somebody of this node who decides for a network; whoever founded it is the first."""

    __tablename__ = "network_coordinators"
    __table_args__ = (UniqueConstraint("network_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class Invitation(Base):
    """A link that lets `uses` schools apply until `expires_at`; only the token's hash is kept.

    `of_list`: it was written for a school of the list (`invitees`), which shows what became of it.
    """

    __tablename__ = "network_invitations"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    of_list: Mapped[bool] = mapped_column(default=False, server_default="0")
    uses: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
    made_by: Mapped[str] = mapped_column(String(500))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Member(Base):
    """A school, or a network below this one, that asked to join, in whatever state; one row a network and entity.

    `public_id` stands in addresses. `sort_name` and `search_text` are computed by us on every write, so that
    both databases sort and find alike. `keys` and `http_keys` are public keys by kid: of the application, later of the
    entity's own configuration. `found` is what its host served when it was last asked (see `vetting`).
    """

    __tablename__ = "network_members"
    __table_args__ = (
        UniqueConstraint("network_id", "entity"),
        Index(None, "network_id", "state", "last_seen_at"),
        Index(None, "network_id", "jkt"),
        Index(None, "network_id", "sort_name"),
    )

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"))
    public_id: Mapped[str] = mapped_column(String(64), unique=True)
    entity: Mapped[str] = mapped_column(String(200))
    entity_type: Mapped[str] = mapped_column(String(20), default=SCHOOL_TYPE, server_default=SCHOOL_TYPE)
    jkt: Mapped[str] = mapped_column(String(43))
    name: Mapped[str] = mapped_column(String(200))
    sort_name: Mapped[str] = mapped_column(String(SORT_LENGTH), default="", server_default="")
    search_text: Mapped[str] = mapped_column(String(SEARCH_LENGTH), default="", server_default="")
    state: Mapped[str] = mapped_column(String(20))
    keys: Mapped[dict[str, Any]] = mapped_column(JSON)
    http_keys: Mapped[dict[str, Any]] = mapped_column(JSON)
    # When the statement was issued that told of these keys; an earlier one is not taken any more.
    keys_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    profile: Mapped[dict[str, Any]] = mapped_column(JSON)
    contact: Mapped[dict[str, Any]] = mapped_column(JSON)
    # What the network's trust marks say of it while it is approved, and the key by which it cosigns as a witness.
    roles: Mapped[list[str]] = mapped_column(JSON, default=lambda: [PUBLISHER], server_default=f'["{PUBLISHER}"]')
    witness_key: Mapped[str | None] = mapped_column(String(400))
    policy_sha256: Mapped[str] = mapped_column(String(64))
    charter_sha256: Mapped[str] = mapped_column(String(64))
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("network_invitations.id"))
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    renewal_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The one-time code that goes through the school's published contact.
    code_hash: Mapped[str | None] = mapped_column(String(64))
    code_given_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    code_tries: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What asking the entity's host found, and which checks a person has settled: check -> {by, at, note}.
    found: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    found_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_network(self) -> bool:
        return self.entity_type == NETWORK_TYPE


@event.listens_for(Member, "before_insert")
@event.listens_for(Member, "before_update")
def _note_for_search(mapper: Mapper[Member], connection: Connection, member: Member) -> None:
    """Whichever verb writes name, address or profile: the list finds the school by them."""
    told = (member.name, member.entity, member.profile.get("district", ""), member.profile.get("directory_id", ""))
    member.sort_name, member.search_text = fold(member.name)[:SORT_LENGTH], fold(" ".join(told))[:SEARCH_LENGTH]


class Application(Base):
    """Every application as it came in; the same jti of the same entity is the same application."""

    __tablename__ = "network_applications"
    __table_args__ = (UniqueConstraint("network_id", "entity", "jti"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("network_members.id"), index=True)
    entity: Mapped[str] = mapped_column(String(200))
    jti: Mapped[str] = mapped_column(String(128))
    token: Mapped[str] = mapped_column(String(32_768))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Approval(Base):
    """One coordinator's yes to one application; the policy says how many it takes."""

    __tablename__ = "network_approvals"
    __table_args__ = (UniqueConstraint("application_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("network_applications.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str] = mapped_column(String(1000), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Transition(Base):
    """One move of a membership: append-only, shown to the member whom it concerns. See `APPEND_ONLY`.

    `version` is the membership's that the move made; 0 in rows from before it was kept. `expires_at` is the end of its
    term after the move; None where it had none, or the row is from before that was kept. A decision that leaves the
    state as it is (a renewal, an appeal declined) is a row from the state to itself.
    """

    __tablename__ = "network_transitions"
    __table_args__ = (UniqueConstraint("member_id", "number"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("network_members.id"))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    actor_name: Mapped[str] = mapped_column(String(500))
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(1000), default="")
    version: Mapped[int] = mapped_column(server_default="0")
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Appeal(Base):
    """A revoked school asks to be let in again. `state` is open, granted or declined; a school has one open."""

    __tablename__ = "network_appeals"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("network_members.id"), index=True)
    text: Mapped[str] = mapped_column(String(4000))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AppealVoice(Base):
    """What one coordinator says to an appeal."""

    __tablename__ = "network_appeal_voices"
    __table_args__ = (UniqueConstraint("appeal_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    appeal_id: Mapped[int] = mapped_column(ForeignKey("network_appeals.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    grants: Mapped[bool]
    note: Mapped[str] = mapped_column(String(1000), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DirectoryEntry(Base):
    """A row of the school directory that a coordinator imported: what the application's school is checked against."""

    __tablename__ = "network_directory"
    __table_args__ = (UniqueConstraint("network_id", "directory_id"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"))
    directory_id: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    district: Mapped[str] = mapped_column(String(200), default="", server_default="")
    level: Mapped[str] = mapped_column(String(40), default="")
    enrolment: Mapped[int | None]
    domain: Mapped[str] = mapped_column(String(200), default="")


class DirectoryUpload(Base):
    """A directory file that was read and waits to be confirmed: one a network, its rows as compressed JSON.

    `sha256` of the JSON stands in its address, so that nobody confirms another file than the one they looked at.
    """

    __tablename__ = "network_directory_uploads"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ExpiryReminder(Base):
    """That a member was reminded so many days before this end of its term."""

    __tablename__ = "network_expiry_reminders"
    __table_args__ = (UniqueConstraint("member_id", "expires_at", "days"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("network_members.id"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    days: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


APPEND_ONLY = {
    "sqlite": tuple(
        f"CREATE TRIGGER network_transitions_no_{verb} BEFORE {verb} ON network_transitions "
        "BEGIN SELECT RAISE(ABORT, 'moves of a membership are append-only'); END"
        for verb in ("update", "delete")
    ),
    "postgresql": (
        """
        CREATE OR REPLACE FUNCTION refuse_transition_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'moves of a membership are append-only'; END $$
        """,
        """
        CREATE TRIGGER network_transitions_append_only BEFORE UPDATE OR DELETE ON network_transitions
        FOR EACH ROW EXECUTE FUNCTION refuse_transition_change()
        """,
    ),
}
"""The triggers that keep the moves append-only, by dialect; the migration that makes the table runs them too."""

for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        _trigger = DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its constructor untyped
        event.listen(Transition.__table__, "after_create", _trigger.execute_if(dialect=_dialect))
