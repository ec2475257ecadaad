"""What a school shares upward with the district that it names, and what the district answers.

`POST {district}/v1/district/schools`        a school says that it named this district, or changed what it shares
`GET {school}/v1/district/shared`            what it shares now; signed by the district
`POST {school}/v1/district/obstacles/{id}`   what the district says of an obstacle; signed by the district
"""

import re
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from schemas.document import DocumentSchema
from schemas.fields import Choice, Shaped, Text, Whole, entity_field, time_field, version_field

SHARED_MAX_BYTES = 512 * 1024
ANSWER_MAX_BYTES = 4 * 1024
NAMED_MAX_BYTES = 1024
SHARES = ("plan", "projects", "obstacles")
OBSTACLE_KINDS = ("time", "people", "money", "rules", "transport", "rooms", "training", "other")
ANSWERS = ("taken", "removed")
RUNNING = "running"
PROJECT_STATES = (RUNNING, "adopt", "adapt", "abandon")
MOST_GOALS, MOST_PROJECTS, MOST_OBSTACLES = 40, 300, 100
NOTE_LENGTH = 400
LONGEST_LINE, LONGEST_FACT, MOST_LINES, MOST_SECTIONS = 4_000, 2_000, 100, 60
LARGEST_ID = 2**31 - 1
DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", re.ASCII)


class Day(Shaped):
    """A day that the calendar has, as 2026-10-27."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(DAY, "a day such as 2026-10-27", **keywords)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            date.fromisoformat(text)
        except ValueError as error:
            raise ValidationError("This must be a day of the calendar.") from error
        return text


class SharedPairSchema(DocumentSchema):
    name = Text(120, required=True)
    text = Text(LONGEST_FACT, multiline=True, required=True)


class SharedBlockSchema(DocumentSchema):
    """`lines` of a text (one) or of a list; `pairs` where kind is facts."""

    kind = Choice({"text", "bullets", "facts"}, required=True)
    lines = fields.List(Text(LONGEST_LINE, multiline=True), validate=validate.Length(1, MOST_LINES))
    pairs = fields.List(fields.Nested(SharedPairSchema()), validate=validate.Length(1, 40))

    @validates_schema
    def refuse_what_its_kind_lacks(self, data: dict[str, Any], **kwargs: Any) -> None:
        needed = "pairs" if data["kind"] == "facts" else "lines"
        if needed not in data:
            raise ValidationError(f"A block of this kind has {needed}.", needed)


class SharedSectionSchema(DocumentSchema):
    title = Text(400)
    level = Whole(2, 3, required=True)
    blocks = fields.List(fields.Nested(SharedBlockSchema()), required=True, validate=validate.Length(0, 40))


class SharedGoalSchema(DocumentSchema):
    title = Text(400, required=True)
    state = Choice({"active", "resting", "reached", "dropped", "carried"}, required=True)


class SharedPlanSchema(DocumentSchema):
    """The plan on one page as the district's paper says it, and its goals for a table."""

    title = Text(200, required=True)
    subtitle = Text(200)
    sections = fields.List(
        fields.Nested(SharedSectionSchema()), required=True, validate=validate.Length(0, MOST_SECTIONS)
    )
    goals = fields.List(fields.Nested(SharedGoalSchema()), required=True, validate=validate.Length(0, MOST_GOALS))


class SharedProjectSchema(DocumentSchema):
    """`state` is running, or the decision at its end; `last_on` is day 45, or the day that it was extended to."""

    title = Text(400, required=True)
    state = Choice(PROJECT_STATES, required=True)
    starts_on = Day(required=True)
    last_on = Day(required=True)
    closed_on = Day()


class SharedObstacleSchema(DocumentSchema):
    """`of` is the title of the goal or project; `id` is what an answer names."""

    id = Whole(1, LARGEST_ID, required=True)
    what = Text(600, required=True)
    asks = Text(600, required=True)
    kind = Choice(OBSTACLE_KINDS, required=True)
    of = Text(400)
    since = Day(required=True)
    removed_on = Day()
    answer = Choice(ANSWERS)


class SharedSchema(DocumentSchema):
    """What is not shared is not there."""

    v = version_field()
    entity = entity_field(required=True)
    district = entity_field(required=True)
    name = Text(200, required=True)
    at = time_field(required=True)
    plan = fields.Nested(SharedPlanSchema())
    projects = fields.List(fields.Nested(SharedProjectSchema()), validate=validate.Length(0, MOST_PROJECTS))
    obstacles = fields.List(fields.Nested(SharedObstacleSchema()), validate=validate.Length(0, MOST_OBSTACLES))


class ObstacleAnswerSchema(DocumentSchema):
    v = version_field()
    answer = Choice(ANSWERS, required=True)
    note = Text(NOTE_LENGTH, multiline=True)


class DistrictNamedSchema(DocumentSchema):
    v = version_field()
    entity = entity_field(required=True)


SHARED = SharedSchema()
OBSTACLE_ANSWER = ObstacleAnswerSchema()
DISTRICT_NAMED = DistrictNamedSchema()
