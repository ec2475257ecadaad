"""A network's public documents: policy, charter, lattice. Addressed by the SHA-256 of their canonical bytes.

What signs them is what names their hash: the network's entity configuration (policy and charter as
they stand today) and the `epoch` and `open` leaves (policy and lattice by which records are judged).
A policy may be stricter than the federation's floors, never looser: the floors stand in the schema.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from schemas.canonical import read_canonical, sha256_hex
from schemas.code import Code
from schemas.document import DocumentSchema, load_document, load_parsed, verify_kind, verify_version
from schemas.fields import Choice, Text, Whole, YesNo, class_id_field, entity_field, version_field
from schemas.invalid import InvalidDocument
from schemas.limits import PUBLIC_DOCUMENT_MAX_BYTES, WIRE_VERSION
from schemas.vocab import BAND_IDS, CONTEXT, IDEAS, MEASURES, PROBLEMS

DAY_SECONDS = 86_400
YEAR_SECONDS = 366 * DAY_SECONDS
CLASSES_MAX = 1_000
PROGRAMMES_MAX = 1_000
DRIVERS_MAX = 8

# What a founder gets who changes nothing.
POLICY_DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "approvals_required": 1,
        "membership_days": 365,
        "context_k": 5,
        "min_issued": 10,
        "slot_seconds": DAY_SECONDS,
        "issue_seconds": 14 * DAY_SECONDS,
        "register_slots": 7,
        "active_seconds": 18 * 7 * DAY_SECONDS,
        "cell_minimum": 10,
        "accepted_versions": (WIRE_VERSION,),
        "retract_spread_seconds": 6 * 3_600,
        "versions_per_practice": 3,
        "version_gap_days": 30,
        "group_change_minimum": 10,
        "context_ranking": tuple(CONTEXT),
        "programmes": (),
    }
)
# The least that a policy may say; below these lie the federation's promises.
POLICY_FLOORS: Mapping[str, int] = MappingProxyType(
    {
        "approvals_required": 1,
        "membership_days": 1,
        "context_k": 3,
        "min_issued": 3,
        "slot_seconds": 1,
        "issue_seconds": 1,
        "register_slots": 7,
        "active_seconds": 1,
        "cell_minimum": 10,
        "retract_spread_seconds": 0,
        "versions_per_practice": 1,
        "version_gap_days": 0,
        "group_change_minimum": 10,
    }
)


def _policy_number(name: str, most: int) -> Whole:
    return Whole(POLICY_FLOORS[name], most, required=True)


def _ids(vocabulary: Mapping[str, Any]) -> fields.List[str]:
    return fields.List(Choice(vocabulary), validate=validate.Length(1, len(vocabulary)))


class PolicySchema(DocumentSchema):
    """The numbers by which a network runs; an epoch fixes one policy for all its records.

    approvals_required      coordinators that must approve an application
    membership_days         how long an approval lasts
    context_k               issued members that a context class holds at least
    min_issued              credentials without which an epoch does not open
    slot_seconds            one envelope a member and slot
    issue_seconds           how long an epoch issues credentials
    register_slots          slots between the end of issuing and the opening
    active_seconds          how long an epoch takes records
    cell_minimum            people that a printed group has at least
    accepted_versions       wire versions of records that are taken
    retract_spread_seconds  over how long retractions after a mass event are spread
    versions_per_practice   first publication and corrections or follow-ups
    version_gap_days        between two versions of a practice
    group_change_minimum    a group that differs by 1 to one less than this from an earlier release is refused
    context_ranking         attributes of the lattice, the one to keep longest first
    programmes              names of programmes that the text stage lets pass
    reads_across            members of a network below this one may read the other networks below it (absent: no)
    """

    v = version_field()
    kind = Choice({"policy"}, required=True)
    network = entity_field(required=True)
    version = Whole(1, required=True)
    approvals_required = _policy_number("approvals_required", 20)
    membership_days = _policy_number("membership_days", 3_660)
    context_k = _policy_number("context_k", 1_000)
    min_issued = _policy_number("min_issued", 100_000)
    slot_seconds = _policy_number("slot_seconds", 31 * DAY_SECONDS)
    issue_seconds = _policy_number("issue_seconds", YEAR_SECONDS)
    register_slots = _policy_number("register_slots", 1_000)
    active_seconds = _policy_number("active_seconds", 2 * YEAR_SECONDS)
    cell_minimum = _policy_number("cell_minimum", 10_000)
    accepted_versions = fields.List(Whole(1, 1_000), required=True, validate=validate.Length(1, 16))
    retract_spread_seconds = _policy_number("retract_spread_seconds", 31 * DAY_SECONDS)
    versions_per_practice = _policy_number("versions_per_practice", 100)
    version_gap_days = _policy_number("version_gap_days", 3_660)
    group_change_minimum = _policy_number("group_change_minimum", 10_000)
    context_ranking = fields.List(Choice(CONTEXT), required=True, validate=validate.Length(0, len(CONTEXT)))
    programmes = fields.List(Text(80), required=True, validate=validate.Length(0, PROGRAMMES_MAX))
    reads_across = YesNo()

    @validates_schema
    def verify_lists(self, data: dict[str, Any], **kwargs: Any) -> None:
        for name in ("accepted_versions", "context_ranking", "programmes"):
            if len(set(data[name])) != len(data[name]):
                raise ValidationError("This list names something twice.", name)


class CommonSchema(DocumentSchema):
    """What the members of a network look at together: ids of the closed lists."""

    problems = _ids(PROBLEMS)
    ideas = _ids(IDEAS)
    measures = _ids(MEASURES)


class DriverSchema(DocumentSchema):
    """A driver of the network's theory: what has to change, the ideas that may change it, how it would be seen."""

    name = Text(120, required=True)
    ideas = _ids(IDEAS)
    measures = _ids(MEASURES)


class CharterSchema(DocumentSchema):
    """What a network is for, in words that its members accept."""

    v = version_field()
    kind = Choice({"charter"}, required=True)
    network = entity_field(required=True)
    version = Whole(1, required=True)
    name = Text(120, required=True)
    purpose = Text(4_000, multiline=True, required=True)
    aim = Text(1_000, multiline=True)
    theory = Text(4_000, multiline=True)
    conduct = Text(4_000, multiline=True)
    contact = Text(400, multiline=True)
    common = fields.Nested(CommonSchema())
    drivers = fields.List(fields.Nested(DriverSchema()), validate=validate.Length(1, DRIVERS_MAX))


class BandsSchema(DocumentSchema):
    """What a context class says of its schools: a band of each attribute, or 'any'."""

    level = Choice(BAND_IDS["level"], required=True)
    locale = Choice(BAND_IDS["locale"], required=True)
    enrolment = Choice(BAND_IDS["enrolment"], required=True)
    lunch = Choice(BAND_IDS["lunch"], required=True)
    english_learners = Choice(BAND_IDS["english_learners"], required=True)
    disabilities = Choice(BAND_IDS["disabilities"], required=True)
    stage = Choice(BAND_IDS["stage"], required=True)


class ClassSchema(DocumentSchema):
    id = class_id_field(required=True)
    bands = fields.Nested(BandsSchema(), required=True)


class LatticeSchema(DocumentSchema):
    """The context classes of an epoch, without counts; none where too few members were issued."""

    v = version_field()
    kind = Choice({"lattice"}, required=True)
    network = entity_field(required=True)
    epoch = Whole(1, required=True)
    attributes = fields.List(Choice(CONTEXT), required=True, validate=validate.Length(0, len(CONTEXT)))
    classes = fields.List(fields.Nested(ClassSchema()), required=True, validate=validate.Length(0, CLASSES_MAX))

    @validates_schema
    def verify_classes(self, data: dict[str, Any], **kwargs: Any) -> None:
        if len(set(data["attributes"])) != len(data["attributes"]):
            raise ValidationError("This list names an attribute twice.", "attributes")
        if len({entry["id"] for entry in data["classes"]}) != len(data["classes"]):
            raise ValidationError("Two classes have the same id.", "classes")
        if len({tuple(entry["bands"].values()) for entry in data["classes"]}) != len(data["classes"]):
            raise ValidationError("Two classes have the same bands.", "classes")


POLICY = PolicySchema()
CHARTER = CharterSchema()
LATTICE = LatticeSchema()
DOCUMENTS: Mapping[str, DocumentSchema] = MappingProxyType({"policy": POLICY, "charter": CHARTER, "lattice": LATTICE})


def build_policy(*, network: str, version: int = 1, **overrides: Any) -> dict[str, Any]:
    """A policy with the defaults where nothing else is said; InvalidDocument where it falls below a floor."""
    filled = {name: list(value) if isinstance(value, tuple) else value for name, value in POLICY_DEFAULTS.items()}
    head = {"v": WIRE_VERSION, "kind": "policy", "network": network, "version": version}
    return load_document(POLICY, {**head, **filled, **overrides})


def load_public_document(data: bytes, *, sha256: str | None = None) -> dict[str, Any]:
    """A policy, charter or lattice in its canonical bytes; `sha256`: the hash that it was asked for by.

    InvalidDocument: document-hash-wrong, not-canonical, unsupported-version, unknown-kind, else what
    its schema finds.
    """
    document = read_canonical(data, max_bytes=PUBLIC_DOCUMENT_MAX_BYTES)
    if sha256 is not None and sha256_hex(data) != sha256:
        raise InvalidDocument(Code.DOCUMENT_HASH_WRONG, "The document does not have the hash that was asked for.")
    verify_version(document)
    verify_kind(document, DOCUMENTS)
    return load_parsed(DOCUMENTS[document["kind"]], document)
