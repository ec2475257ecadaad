"""Measures as JSON: what the API takes and answers."""

from marshmallow import fields, validate

from nic_node.evidence.limits import KINDS
from nic_node.evidence.run_chart import RULES
from nic_node.school.measures.compare import DECISIONS
from nic_node.school.measures.marks import MARK_KINDS
from nic_node.school.measures.write import BETTER, CADENCES
from nic_node.web.api import BIGGEST_ID, ApiSchema
from schemas.vocab import MEASURE_KINDS, MEASURES, UNITS, WINDOWS

MOST_DECISIONS = 2000
ID = validate.Range(min=1, max=BIGGEST_ID)


class MeasureSchema(ApiSchema):
    id = fields.Integer()
    project_id = fields.Integer(allow_none=True)
    goal_id = fields.Integer(allow_none=True)
    comparison_of = fields.Integer(allow_none=True)
    numerator_id = fields.Integer(allow_none=True)
    denominator_id = fields.Integer(allow_none=True)
    name = fields.String()
    definition = fields.String()
    vocabulary = fields.String()
    label = fields.String()
    kind = fields.String()
    unit = fields.String()
    better = fields.String()
    window = fields.String(allow_none=True)
    cadence = fields.String()
    scale_low = fields.Float(allow_none=True)
    scale_high = fields.Float(allow_none=True)
    group_name = fields.String()
    group_size = fields.Integer(allow_none=True)
    class_count = fields.Integer(allow_none=True)
    baseline = fields.Float(allow_none=True)
    target = fields.Float(allow_none=True)
    owner_id = fields.Integer(allow_none=True)
    chart_kind = fields.String()
    run_rules = fields.String()
    screen_ranges = fields.Boolean()
    version = fields.Integer()


class MeasuresSchema(ApiSchema):
    items = fields.List(fields.Nested(MeasureSchema))


class MeasuresQuery(ApiSchema):
    """Those of one project or one goal; without either, all."""

    project = fields.Integer(load_default=None, validate=ID)
    goal = fields.Integer(load_default=None, validate=ID)


class MeasureValuesSchema(ApiSchema):
    """Unit, direction and window follow from the vocabulary's measure; 'other' states them.

    With `numerator_id` and `denominator_id`, two counts, its numbers are worked out from theirs.
    """

    project_id = fields.Integer(strict=True, allow_none=True, validate=ID)
    goal_id = fields.Integer(strict=True, allow_none=True, validate=ID)
    comparison_of = fields.Integer(strict=True, allow_none=True, validate=ID)
    numerator_id = fields.Integer(strict=True, allow_none=True, validate=ID)
    denominator_id = fields.Integer(strict=True, allow_none=True, validate=ID)
    name = fields.String(validate=validate.Length(max=120))
    definition = fields.String(validate=validate.Length(max=1000))
    vocabulary = fields.String(validate=validate.OneOf(MEASURES.ids))
    label = fields.String(validate=validate.Length(max=80))
    kind = fields.String(validate=validate.OneOf(MEASURE_KINDS.ids))
    unit = fields.String(validate=validate.OneOf(UNITS.ids))
    better = fields.String(validate=validate.OneOf(list(BETTER)))
    window = fields.String(validate=validate.OneOf(WINDOWS.ids))
    cadence = fields.String(validate=validate.OneOf(list(CADENCES)))
    scale_low = fields.Float(allow_none=True)
    scale_high = fields.Float(allow_none=True)
    group_name = fields.String(validate=validate.Length(max=80))
    group_size = fields.Integer(strict=True, allow_none=True)
    class_count = fields.Integer(strict=True, allow_none=True)
    baseline = fields.Float(allow_none=True)
    target = fields.Float(allow_none=True)
    owner_id = fields.Integer(strict=True, allow_none=True, validate=ID)
    chart_kind = fields.String(validate=validate.OneOf(KINDS))
    run_rules = fields.String(validate=validate.OneOf(RULES))
    screen_ranges = fields.Boolean()


class ChangedMeasureSchema(MeasureValuesSchema):
    version = fields.Integer(strict=True, required=True)


class VersionQuery(ApiSchema):
    version = fields.Integer(required=True)


class ObservationSchema(ApiSchema):
    id = fields.Integer()
    period = fields.Date()
    value = fields.Float(allow_none=True)
    x = fields.Float(allow_none=True)
    n = fields.Integer(allow_none=True)
    sd = fields.Float(allow_none=True)
    exposure = fields.Float(allow_none=True)
    note = fields.String()
    excluded_because = fields.String()
    import_id = fields.Integer(allow_none=True)
    version = fields.Integer()


class ObservationsSchema(ApiSchema):
    items = fields.List(fields.Nested(ObservationSchema))


class NumbersSchema(ApiSchema):
    """As the unit needs: proportion x and n (or value in percent); mean value, sd, n; count x; rate x, exposure, n."""

    value = fields.Float(allow_none=True)
    x = fields.Float(allow_none=True)
    n = fields.Integer(strict=True, allow_none=True)
    sd = fields.Float(allow_none=True)
    exposure = fields.Float(allow_none=True)


class NewObservationSchema(NumbersSchema):
    period = fields.Date(required=True)
    note = fields.String(load_default="")


class ChangedObservationSchema(NumbersSchema):
    """Without numbers they stand; `excluded_because` leaves the point out, '' puts it back."""

    note = fields.String(load_default=None, allow_none=True)
    excluded_because = fields.String(load_default=None, allow_none=True)
    version = fields.Integer(strict=True, required=True)


class ChartQuery(ApiSchema):
    """Another kind or other rules than those that are kept; what does not suit the measure is passed over."""

    chart = fields.String(load_default="", validate=validate.OneOf(["", *KINDS]))
    rules = fields.String(load_default="", validate=validate.OneOf(["", *RULES]))


class IconsSchema(ApiSchema):
    """'Making Data Count': variation common, improving, concerning or special; side high or low; assurance."""

    variation = fields.String()
    side = fields.String(allow_none=True)
    assurance = fields.String(allow_none=True)


class ChartSchema(ApiSchema):
    """Runs and limits of the last stretch, values of all; null without points, and where the measure adds up.

    `rebase_on` proposes new limits from that day; POST it as a mark, with a reason, to accept.
    """

    says = fields.String()
    tag = fields.String(allow_none=True)
    signal = fields.Boolean()
    refused = fields.Boolean()
    kind = fields.String(allow_none=True)
    rules = fields.String(allow_none=True)
    median = fields.Float(allow_none=True, metadata={"description": "The centre: of a run chart the median."})
    n_useful = fields.Integer(allow_none=True)
    longest_run = fields.Integer(allow_none=True)
    longest_run_max = fields.Integer(allow_none=True)
    crossings = fields.Integer(allow_none=True)
    crossings_min = fields.Integer(allow_none=True)
    days = fields.List(fields.Date())
    values = fields.List(fields.Float(allow_none=True))
    center = fields.List(fields.Float(allow_none=True))
    lcl = fields.List(fields.Float(allow_none=True))
    ucl = fields.List(fields.Float(allow_none=True))
    sigma_signals = fields.List(fields.Integer())
    trial = fields.Boolean()
    icons = fields.Nested(IconsSchema, allow_none=True)
    rebase_on = fields.Date(allow_none=True)


class MeasureLinkSchema(ApiSchema):
    id = fields.Integer()
    name = fields.String()
    created_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    last_used_at = fields.AwareDateTime(allow_none=True)


class MadeLinkSchema(MeasureLinkSchema):
    """`address` is told only now."""

    address = fields.String()


class MeasureLinksSchema(ApiSchema):
    items = fields.List(fields.Nested(MeasureLinkSchema))


class NewMeasureLinkSchema(ApiSchema):
    name = fields.String(required=True)


class InterruptedSchema(ApiSchema):
    """On the chart's scale: the step at once, the change of slope a point, and both at the last point."""

    level = fields.Float()
    level_ci = fields.List(fields.Float())
    slope = fields.Float()
    slope_ci = fields.List(fields.Float())
    at_end = fields.Float()
    at_end_ci = fields.List(fields.Float())
    before = fields.Integer()
    after = fields.Integer()


class HomeEffectSchema(ApiSchema):
    """From exact numbers, positive is better; null without two periods with counts before and within the project."""

    design = fields.String(allow_none=True)
    season = fields.String(allow_none=True)
    metric = fields.String(allow_none=True)
    effect = fields.Float(allow_none=True)
    ci = fields.List(fields.Float(), allow_none=True)
    direction = fields.String(allow_none=True)
    improvement_index = fields.Float(allow_none=True)
    baseline_gap = fields.Float(allow_none=True)
    n = fields.Integer(allow_none=True)
    tier = fields.Integer()
    would_raise = fields.List(fields.String())
    interrupted = fields.Nested(InterruptedSchema(), allow_none=True)


class ChartMarkSchema(ApiSchema):
    """kind split: limits begin anew on `day`; freeze: limits come from the numbers up to and including `day`."""

    id = fields.Integer()
    kind = fields.String()
    day = fields.Date()
    because = fields.String()


class ChartMarksSchema(ApiSchema):
    items = fields.List(fields.Nested(ChartMarkSchema))


class NewChartMarkSchema(ApiSchema):
    kind = fields.String(required=True, validate=validate.OneOf(list(MARK_KINDS)))
    day = fields.Date(required=True)
    because = fields.String(required=True)


class ColumnsSchema(ApiSchema):
    """Role -> the name in the file's first line, for a file with a row a period."""

    period = fields.String()
    value = fields.String()
    x = fields.String()
    n = fields.String()
    sd = fields.String()
    exposure = fields.String()
    note = fields.String()


class RecipeSchema(ApiSchema):
    """How a file with a row a student is counted; what is left out is remembered or guessed from the first line."""

    layout = fields.String(validate=validate.OneOf(["student-day", "student-counts"]))
    columns = fields.Dict(
        keys=fields.String(validate=validate.OneOf(["student", "date", "mark", "period", "absent", "days"])),
        values=fields.String(),
    )
    who = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    absent_marks = fields.List(fields.String())
    present_marks = fields.List(fields.String())
    window_days = fields.Integer(strict=True, validate=validate.Range(min=1, max=60))
    least_days = fields.Integer(strict=True, validate=validate.Range(min=1, max=60))
    every = fields.String(validate=validate.OneOf(["week", "day"]))


class NewImportSchema(ApiSchema):
    """`text` is the CSV, or `workbook` an XLSX in base64. Rows of students are counted in memory and never kept."""

    text = fields.String(load_default="")
    workbook = fields.String(load_default="")
    file_name = fields.String(load_default="", validate=validate.Length(max=200))
    layout = fields.String(load_default="auto", validate=validate.OneOf(["auto", "periods", "students"]))
    columns = fields.Nested(ColumnsSchema, load_default=dict)
    recipe = fields.Nested(RecipeSchema, load_default=dict)
    window_ends = fields.Date(load_default=None, allow_none=True)


class CountsSchema(ApiSchema):
    new = fields.Integer()
    changed = fields.Integer()
    same = fields.Integer()
    bad = fields.Integer()
    suspicious = fields.Integer()


class ImportRowSchema(ApiSchema):
    line = fields.Integer()
    period = fields.Date()
    value = fields.Float(allow_none=True)
    x = fields.Float(allow_none=True)
    n = fields.Integer(allow_none=True)
    was = fields.Float(allow_none=True)
    state = fields.String()
    suspicion = fields.String(allow_none=True)
    words = fields.String()
    decisions = fields.List(fields.String())


class ImportFaultSchema(ApiSchema):
    line = fields.Integer()
    words = fields.String()


class ImportPreviewSchema(ApiSchema):
    """`id` and `seen` go into the confirmation; `id` is null where nothing changed."""

    id = fields.Integer(allow_none=True)
    state = fields.String()
    said = fields.String()
    seen = fields.String()
    counted = fields.Boolean()
    rows_read = fields.Integer()
    counts = fields.Nested(CountsSchema)
    rows = fields.List(fields.Nested(ImportRowSchema))
    faults = fields.List(fields.Nested(ImportFaultSchema))


class ImportDecisionSchema(ApiSchema):
    line = fields.Integer(strict=True, required=True)
    decision = fields.String(required=True, validate=validate.OneOf(list(DECISIONS)))


class OthersSchema(ApiSchema):
    """One decision for all rows with this code that have none of their own."""

    blank = fields.String(validate=validate.OneOf(["leave-out", "closed"]))
    zero = fields.String(validate=validate.OneOf(list(DECISIONS)))
    unusual = fields.String(validate=validate.OneOf(list(DECISIONS)))


class ConfirmSchema(ApiSchema):
    """Every suspicious row needs a decision; fields of a refusal are 'decision-<line>'."""

    seen = fields.String(required=True)
    decisions = fields.List(
        fields.Nested(ImportDecisionSchema), load_default=list, validate=validate.Length(max=MOST_DECISIONS)
    )
    others = fields.Nested(OthersSchema, load_default=dict)


class ImportSchema(ApiSchema):
    id = fields.Integer()
    state = fields.String()
    file_name = fields.String()
    rows_read = fields.Integer()
    kept = fields.Integer()
    said = fields.String()
    created_at = fields.AwareDateTime()
    done_at = fields.AwareDateTime(allow_none=True)


class ImportsSchema(ApiSchema):
    items = fields.List(fields.Nested(ImportSchema))


class UndoneSchema(ApiSchema):
    """`kept` counts the points that somebody changed since; they stay."""

    id = fields.Integer()
    state = fields.String()
    kept = fields.Integer()
