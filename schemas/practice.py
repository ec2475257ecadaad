"""The payloads of records, version 1, complete: practice, replication, question, answer, flag.

Text is counted in characters (code points). Everything but title, problem, idea, rung and decision
is optional. Schemas check form; what a number may look like (grid, band widths, smallest groups) is
checked by `federation.rules`, with codes of its own.

A printed n is the rounded number as an integer, or the string "<15". A band [lo, hi] holds whole
percent, lo included, hi not, but for hi = 100.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from schemas.document import DocumentSchema
from schemas.fields import Choice, Number, PrintedN, Text, Whole, class_id_field, record_id_field, sha256_field
from schemas.vocab import (
    AIM_RESULTS,
    BAND_IDS,
    BETTER,
    COST_BANDS,
    DECISIONS,
    DESIGNS,
    DIRECTIONS,
    FLAG_CODES,
    GRADE_BANDS,
    IDEAS,
    MATERIAL_KINDS,
    MEASURE_KINDS,
    MEASURES,
    OTHER,
    POINTS_AT,
    PROBLEMS,
    QUESTION_FACETS,
    ROLES,
    RUNGS,
    SEASONS,
    STAFF_TIME_BANDS,
    SUBJECTS,
    SUPPORTS,
    UNITS,
    WINDOWS,
)

EVENTS_MAX = 1_000_000_000
AMOUNT_MAX = 1e9
STEPS_MAX = 12
POINTS_MAX = len(POINTS_AT)
LABEL_LENGTH = 80
QUESTION_LENGTH = 800
ANSWER_LENGTH = 1_500
CHIPS_MAX = 8

# Which fields of a point carry the number, by the unit of its measure.
POINT_FIELDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "proportion": frozenset({"band"}),
        "mean": frozenset({"mean", "sd"}),
        "minutes": frozenset({"mean", "sd"}),
        "rate": frozenset({"events", "exposure"}),
        "count": frozenset({"events"}),
    }
)
NUMBER_FIELDS = frozenset().union(*POINT_FIELDS.values())
UNITS_OF_PEOPLE = frozenset({"proportion", "mean", "minutes"})  # their points say how many people

FACETS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "problem": frozenset(PROBLEMS),
        "idea": frozenset(IDEAS),
        "measure": frozenset(MEASURES),
        "grade-band": frozenset(GRADE_BANDS),
        "subject": frozenset(SUBJECTS),
        "cost-band": frozenset(COST_BANDS),
        "staff-time-band": frozenset(STAFF_TIME_BANDS),
        **{facet: BAND_IDS[facet] for facet in QUESTION_FACETS if facet in BAND_IDS},
    }
)


def _unique_choices(vocabulary: Mapping[str, Any], **keywords: Any) -> fields.List[str]:
    return fields.List(Choice(vocabulary), validate=[validate.Length(1, len(vocabulary)), _refuse_repeats], **keywords)


def _refuse_repeats(values: list[Any]) -> None:
    if len(set(values)) != len(values):
        raise ValidationError("This list names something twice.")


def _verify_label(data: Mapping[str, Any], field: str) -> None:
    """'other' needs a label, every other id speaks for itself."""
    if (data[field] == OTHER) != ("label" in data):
        raise ValidationError("A label stands with 'other', and with nothing else.", "label")


class ProblemSchema(DocumentSchema):
    category = Choice(PROBLEMS, required=True)
    label = Text(LABEL_LENGTH)
    grade_bands = _unique_choices(GRADE_BANDS)
    subject = Choice(SUBJECTS)
    statement = Text(400, multiline=True)

    @validates_schema
    def verify_label(self, data: dict[str, Any], **kwargs: Any) -> None:
        _verify_label(data, "category")


class AimSchema(DocumentSchema):
    measure = Choice(MEASURES, required=True)
    label = Text(LABEL_LENGTH)
    better = Choice(BETTER, required=True)
    by_days = Whole(1, 1_000)

    @validates_schema
    def verify_label(self, data: dict[str, Any], **kwargs: Any) -> None:
        _verify_label(data, "measure")


class IdeaSchema(DocumentSchema):
    category = Choice(IDEAS, required=True)
    label = Text(LABEL_LENGTH)
    summary = Text(400, multiline=True)

    @validates_schema
    def verify_label(self, data: dict[str, Any], **kwargs: Any) -> None:
        _verify_label(data, "category")


class StepSchema(DocumentSchema):
    who = Choice(ROLES)
    does = Text(200, required=True)
    how_often = Text(80)
    minutes = Whole(1, 100_000)


class AdaptableSchema(DocumentSchema):
    what = Text(200, required=True)


class DoseSchema(DocumentSchema):
    weeks = Number(0, 200)
    sessions_a_week = Number(0, 200)
    minutes = Number(0, 10_000)


class CostSchema(DocumentSchema):
    cost_band = Choice(COST_BANDS)
    staff_time_band = Choice(STAFF_TIME_BANDS)


class MaterialSchema(DocumentSchema):
    kind = Choice(MATERIAL_KINDS, required=True)
    title = Text(120, required=True)
    text = Text(4_000, multiline=True, required=True)


class ContextSchema(DocumentSchema):
    lattice_sha256 = sha256_field(required=True)
    class_id = class_id_field(required=True, data_key="class", attribute="class")


class PointSchema(DocumentSchema):
    at = Choice(POINTS_AT, required=True)
    n = PrintedN()
    band = fields.List(Whole(0, 100), validate=validate.Length(equal=2))
    mean = Number(-AMOUNT_MAX, AMOUNT_MAX)
    sd = Number(0, AMOUNT_MAX)
    events = Whole(0, EVENTS_MAX)
    exposure = Whole(1, EVENTS_MAX)

    @validates_schema
    def verify_band(self, data: dict[str, Any], **kwargs: Any) -> None:
        band = data.get("band")
        if band is not None and band[0] >= band[1]:
            raise ValidationError("A band's lower edge lies below its upper edge.", "band")


class MeasureSchema(DocumentSchema):
    measure = Choice(MEASURES, required=True)
    label = Text(LABEL_LENGTH)
    definition_version = Whole(1, 1_000, required=True)
    kind = Choice(MEASURE_KINDS, required=True)
    unit = Choice(UNITS, required=True)
    better = Choice(BETTER)
    window = Choice(WINDOWS, required=True)
    scale = fields.List(Number(-AMOUNT_MAX, AMOUNT_MAX), validate=validate.Length(equal=2))
    design = Choice(DESIGNS, required=True)
    season = Choice(SEASONS, required=True)
    points = fields.List(fields.Nested(PointSchema()), required=True, validate=validate.Length(1, POINTS_MAX))
    comparison = fields.List(fields.Nested(PointSchema()), validate=validate.Length(1, POINTS_MAX))

    @validates_schema
    def verify_definition(self, data: dict[str, Any], **kwargs: Any) -> None:
        """What the vocabulary fixes is not said again; what it leaves open is said."""
        _verify_label(data, "measure")
        if (data["measure"] == OTHER) != ("better" in data):
            raise ValidationError("The better direction stands with 'other', and with nothing else.", "better")
        known = MEASURES[data["measure"]]
        if known.id != OTHER and data["unit"] != known.unit:
            raise ValidationError("The vocabulary gives this measure another unit.", "unit")
        scale = data.get("scale")
        if scale is not None:
            if data["unit"] not in {"mean", "minutes"} or known.scale is not None:
                raise ValidationError("A scale stands with a mean whose scale the vocabulary leaves open.", "scale")
            if scale[0] >= scale[1]:
                raise ValidationError("A scale's lower end lies below its upper end.", "scale")

    @validates_schema
    def verify_points(self, data: dict[str, Any], **kwargs: Any) -> None:
        for arm in ("points", "comparison"):
            points = data.get(arm, [])
            if len({point["at"] for point in points}) != len(points):
                raise ValidationError("Two points of this list stand at the same place.", arm)
            for point in points:
                _verify_point(point, data["unit"], arm)


def _verify_point(point: Mapping[str, Any], unit: str, arm: str) -> None:
    if point.keys() & NUMBER_FIELDS != POINT_FIELDS[unit]:
        wanted = " and ".join(sorted(POINT_FIELDS[unit]))
        raise ValidationError(f"A point of this measure carries {wanted}, and no other number.", arm)
    if unit in UNITS_OF_PEOPLE and "n" not in point:
        raise ValidationError("A point of this measure says how many people it is about.", arm)


class LessonsSchema(DocumentSchema):
    worked = Text(800, multiline=True)
    would_change = Text(800, multiline=True)
    watch_out = Text(400, multiline=True)


class PracticeSchema(DocumentSchema):
    """What one school did, what it cost, how it went."""

    title = Text(120, required=True)
    problem = fields.Nested(ProblemSchema(), required=True)
    aim = fields.Nested(AimSchema())
    idea = fields.Nested(IdeaSchema(), required=True)
    steps = fields.List(fields.Nested(StepSchema()), validate=validate.Length(1, STEPS_MAX))
    core = fields.List(Whole(0, STEPS_MAX - 1), validate=[validate.Length(1, STEPS_MAX), _refuse_repeats])
    adaptable = fields.List(fields.Nested(AdaptableSchema()), validate=validate.Length(1, 6))
    dose = fields.Nested(DoseSchema())
    cost = fields.Nested(CostSchema())
    materials = fields.List(fields.Nested(MaterialSchema()), validate=validate.Length(1, 5))
    supports = _unique_choices(SUPPORTS)
    conditions = Text(400, multiline=True)
    context = fields.Nested(ContextSchema())
    measures = fields.List(fields.Nested(MeasureSchema()), validate=validate.Length(1, 4))
    rung = Choice(RUNGS, required=True)
    direction = Choice(DIRECTIONS)
    aim_result = Choice(AIM_RESULTS)
    decision = Choice(DECISIONS, required=True)
    lessons = fields.Nested(LessonsSchema())
    supersedes = record_id_field()

    @validates_schema
    def verify_core(self, data: dict[str, Any], **kwargs: Any) -> None:
        if any(index >= len(data.get("steps", [])) for index in data.get("core", [])):
            raise ValidationError("A core step is not among the steps.", "core")


class ChangeSchema(DocumentSchema):
    what = Text(200, required=True)
    why = Text(200)


class ReplicationSchema(PracticeSchema):
    """Another school's practice, tried here: what was kept, what was changed, how it went."""

    origin = record_id_field(required=True)
    kept = fields.List(Whole(0, STEPS_MAX - 1), validate=[validate.Length(1, STEPS_MAX), _refuse_repeats])
    changed = fields.List(fields.Nested(ChangeSchema()), validate=validate.Length(1, 6))


class ChipSchema(DocumentSchema):
    facet = Choice(QUESTION_FACETS, required=True)
    id = Text(LABEL_LENGTH, required=True)

    @validates_schema
    def verify_id(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["id"] not in FACETS[data["facet"]]:
            raise ValidationError("This is not an id of the facet's list.", "id")


class QuestionSchema(DocumentSchema):
    """A question about a record, or, without a target, a call to everybody."""

    target = record_id_field()
    text = Text(QUESTION_LENGTH, multiline=True, required=True)
    chips = fields.List(fields.Nested(ChipSchema()), validate=validate.Length(1, CHIPS_MAX))


class AnswerSchema(DocumentSchema):
    """An answer to a question; `practice` is one that it points to, since a text holds no links."""

    target = record_id_field(required=True)
    text = Text(ANSWER_LENGTH, multiline=True, required=True)
    practice = record_id_field()


class FlagSchema(DocumentSchema):
    target = record_id_field(required=True)
    code = Choice(FLAG_CODES, required=True)


PRACTICE = PracticeSchema()
REPLICATION = ReplicationSchema()
QUESTION = QuestionSchema()
ANSWER = AnswerSchema()
FLAG = FlagSchema()

PAYLOADS: Mapping[str, DocumentSchema] = MappingProxyType(
    {"practice": PRACTICE, "replication": REPLICATION, "question": QUESTION, "answer": ANSWER, "flag": FLAG}
)
