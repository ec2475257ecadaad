"""The shorter closed lists of the payload."""

from schemas.marks import N_
from schemas.vocab.entry import Entry, Vocabulary

LEVELS = Vocabulary(
    "levels",
    Entry("early", N_("Early learning"), N_("Before kindergarten, or to grade 2 at most.")),
    Entry("elementary", N_("Elementary school"), N_("Mostly kindergarten to grade 5.")),
    Entry("middle", N_("Middle school"), N_("Mostly grades 6 to 8.")),
    Entry("high", N_("High school"), N_("Mostly grades 9 to 12.")),
    Entry("combined", N_("Combined school"), N_("Grades of two or more of these levels.")),
)

GRADE_BANDS = Vocabulary(
    "grade-bands",
    Entry("pk-2", N_("Pre-K to grade 2"), N_("Prekindergarten, kindergarten, grades 1 and 2.")),
    Entry("3-5", N_("Grades 3 to 5"), N_("Grades 3, 4 and 5.")),
    Entry("6-8", N_("Grades 6 to 8"), N_("Grades 6, 7 and 8.")),
    Entry("9-12", N_("Grades 9 to 12"), N_("Grades 9, 10, 11 and 12.")),
)

SUBJECTS = Vocabulary(
    "subjects",
    Entry("reading", N_("Reading"), N_("Learning to read and reading to understand.")),
    Entry("writing", N_("Writing"), N_("Composing texts of any kind.")),
    Entry("math", N_("Math"), N_("Mathematics of any grade.")),
    Entry("science", N_("Science"), N_("Natural sciences and engineering.")),
    Entry("social-studies", N_("Social studies"), N_("History, civics, geography, economics.")),
    Entry("languages", N_("Languages"), N_("World languages, and English for those who are learning it.")),
    Entry("arts", N_("Arts"), N_("Music, visual arts, theater, dance.")),
    Entry("pe-health", N_("Physical education and health"), N_("Sports, movement, health.")),
    Entry("technical", N_("Career and technical"), N_("Courses that lead towards a trade or an occupation.")),
    Entry("none", N_("No one subject"), N_("The practice belongs to no single subject.")),
)

DECISIONS = Vocabulary(
    "decisions",
    Entry("adopt", N_("Adopted"), N_("It goes on as it was tried.")),
    Entry("adapt", N_("Adapted"), N_("It goes on in a changed form.")),
    Entry("abandon", N_("Abandoned"), N_("It was stopped.")),
)

DIRECTIONS = Vocabulary(
    "directions",
    Entry("better", N_("Better"), N_("The measure improved by more than chance explains.")),
    Entry("no-clear-change", N_("No clear change"), N_("Any change is small, and that is known.")),
    Entry("worse", N_("Worse"), N_("The measure worsened by more than chance explains.")),
    Entry("cannot-tell", N_("Cannot tell"), N_("The numbers are too few to say.")),
)

AIM_RESULTS = Vocabulary(
    "aim-results",
    Entry("reached", N_("Aim reached"), N_("The target was met by its date.")),
    Entry("partly", N_("Aim partly reached"), N_("At least half of the way to the target was gone.")),
    Entry("not", N_("Aim not reached"), N_("Less than half of the way to the target was gone.")),
)

RUNGS = Vocabulary(
    "rungs",
    Entry("measured", N_("Measured"), N_("Printed numbers and a direction word.")),
    Entry("direction", N_("Direction"), N_("A direction word without numbers.")),
    Entry("described", N_("Described"), N_("What was done, and nothing about students' results.")),
)

DESIGNS = Vocabulary(
    "designs",
    Entry("pre-post", N_("Before and after"), N_("The same measure before and after the change.")),
    Entry(
        "season-comparison",
        N_("Same weeks of last year"),
        N_("Before and after, set against the same weeks of the year before."),
    ),
    Entry(
        "comparison-group",
        N_("Comparison group"),
        N_("Before and after, set against a group without the change."),
    ),
    Entry(
        "interrupted-series",
        N_("Interrupted series"),
        N_("Many points before and after, with the trend taken into account."),
    ),
)

SEASONS = Vocabulary(
    "seasons",
    Entry("ruled-out", N_("Season ruled out"), N_("A comparison shows that the time of year does not explain it.")),
    Entry("not-ruled-out", N_("Season not ruled out"), N_("The time of year may explain the change.")),
    Entry("no-season", N_("No season"), N_("The measure does not drift within a year.")),
)

BETTER = Vocabulary(
    "better",
    Entry("up", N_("Up is better"), N_("A higher number is an improvement.")),
    Entry("down", N_("Down is better"), N_("A lower number is an improvement.")),
)

COST_BANDS = Vocabulary(
    "cost-bands",
    Entry("none", N_("No cost"), N_("Nothing was bought.")),
    Entry("under-500", N_("Under $500"), N_("Less than 500 US dollars for the project.")),
    Entry("under-5k", N_("$500 to $5,000"), N_("From 500 to under 5,000 US dollars for the project.")),
    Entry("under-25k", N_("$5,000 to $25,000"), N_("From 5,000 to under 25,000 US dollars for the project.")),
    Entry("more", N_("$25,000 and more"), N_("25,000 US dollars or more for the project.")),
)

STAFF_TIME_BANDS = Vocabulary(
    "staff-time-bands",
    Entry("under-1h", N_("Under 1 hour a week"), N_("All staff together, less than an hour a week.")),
    Entry("1-3h", N_("1 to 3 hours a week"), N_("All staff together, from one to under three hours a week.")),
    Entry("3-8h", N_("3 to 8 hours a week"), N_("All staff together, from three to under eight hours a week.")),
    Entry("more", N_("8 hours a week and more"), N_("All staff together, eight hours a week or more.")),
)

ROLES = Vocabulary(
    "roles",
    Entry("principal", N_("Principal"), N_("Who leads the school.")),
    Entry("leader", N_("Leader"), N_("Assistant principal, department head, team lead.")),
    Entry("coach", N_("Coach"), N_("Who coaches teachers or teams.")),
    Entry("teacher", N_("Teacher"), N_("Who teaches a class.")),
    Entry("aide", N_("Aide"), N_("Paraprofessional or teaching assistant.")),
    Entry("counsellor", N_("Counselor"), N_("School counselor, psychologist or social worker.")),
    Entry("family-liaison", N_("Family liaison"), N_("Who links the school with families.")),
    Entry("specialist", N_("Specialist"), N_("Reading, language, special education or another specialty.")),
    Entry("student", N_("Student"), N_("A student or a group of students.")),
    Entry("family", N_("Family"), N_("Parents, guardians, other family.")),
    Entry("volunteer", N_("Volunteer"), N_("Somebody from outside who helps without pay.")),
)

SUPPORTS = Vocabulary(
    "supports",
    Entry("coaching", N_("Coaching"), N_("Somebody coached those who did it.")),
    Entry("plc", N_("Team time"), N_("A professional learning community worked on it.")),
    Entry("training", N_("Training"), N_("Those who did it were trained first.")),
    Entry("material", N_("Materials"), N_("Ready materials were at hand.")),
    Entry("schedule", N_("Schedule"), N_("The schedule made room for it.")),
    Entry("none", N_("No support"), N_("It was done without extra support.")),
)

MATERIAL_KINDS = Vocabulary(
    "material-kinds",
    Entry("letter", N_("Letter"), N_("A text that is sent to somebody.")),
    Entry("script", N_("Script"), N_("What to say in a talk or a lesson.")),
    Entry("checklist", N_("Checklist"), N_("What to do, in order, to be ticked off.")),
    Entry("look-fors", N_("Look-fors"), N_("What to look for in a visit.")),
    Entry("protocol", N_("Protocol"), N_("The steps and times of a meeting.")),
)

FLAG_CODES = Vocabulary(
    "flag-codes",
    Entry("identifies-someone", N_("Identifies someone"), N_("A person or a school could be recognized.")),
    Entry("wrong-data", N_("Wrong data"), N_("Numbers contradict each other or cannot be.")),
    Entry("off-topic", N_("Off topic"), N_("It is not a practice of a school, or no answer to the question.")),
    Entry("harmful", N_("Harmful"), N_("Doing it, or reading it, could hurt somebody.")),
    Entry("duplicate", N_("Duplicate"), N_("The same is here already.")),
)

STAGES = Vocabulary(
    "stages",
    Entry("poor", N_("Stabilizing"), N_("First order and trust, then a few shared routines.")),
    Entry("fair", N_("Building"), N_("Shared routines exist and reach most rooms.")),
    Entry("good", N_("Growing"), N_("Teams improve their own work with evidence.")),
    Entry("great", N_("Leading"), N_("Improvement is habit, and others learn from it.")),
)

RETRACT_REASONS = Vocabulary(
    "retract-reasons",
    Entry("withdrawn", N_("Withdrawn"), N_("The author took it back.")),
    Entry("corrected", N_("Corrected"), N_("The author put a corrected record in its place.")),
)

QUESTION_FACETS = Vocabulary(
    "question-facets",
    Entry("problem", N_("Problem"), N_("A problem category.")),
    Entry("idea", N_("Idea"), N_("An idea category.")),
    Entry("measure", N_("Measure"), N_("A measure of the vocabulary.")),
    Entry("grade-band", N_("Grades"), N_("A grade band.")),
    Entry("subject", N_("Subject"), N_("A subject.")),
    Entry("cost-band", N_("Cost"), N_("A cost band.")),
    Entry("staff-time-band", N_("Staff time"), N_("A staff-time band.")),
    Entry("level", N_("Level"), N_("A level of schools.")),
    Entry("locale", N_("Locale"), N_("A band of locales.")),
    Entry("enrolment", N_("Enrollment"), N_("A band of enrollment.")),
    Entry("lunch", N_("Free or reduced-price lunch"), N_("A band of the share of students who get it.")),
    Entry("english_learners", N_("English learners"), N_("A band of the share of students who learn English.")),
    Entry("disabilities", N_("Students with disabilities"), N_("A band of the share of students who have one.")),
)

MEASURE_KINDS = Vocabulary(
    "measure-kinds",
    Entry("outcome", N_("Outcome"), N_("What the aim is about.")),
    Entry("driver", N_("Driver"), N_("Moves early, and the outcome is expected to follow.")),
    Entry("process", N_("Process"), N_("Whether the change is being done.")),
    Entry("balancing", N_("Balancing"), N_("What could get worse elsewhere because of the change.")),
)

UNITS = Vocabulary(
    "units",
    Entry("proportion", N_("Percent of people"), N_("x of n people; printed as a band of percent.")),
    Entry("mean", N_("Mean"), N_("A mean over people, with its standard deviation.")),
    Entry("minutes", N_("Minutes"), N_("A mean of minutes over people, with its standard deviation.")),
    Entry("rate", N_("Rate"), N_("Events over an exposure, such as student-days.")),
    Entry("count", N_("Count"), N_("Events, counted.")),
)

WINDOWS = Vocabulary(
    "windows",
    Entry("day", N_("A day"), N_("One school day.")),
    Entry("week", N_("A week"), N_("One school week.")),
    Entry("20-school-days", N_("20 school days"), N_("The last 20 school days.")),
    Entry("marking-period", N_("A marking period"), N_("From one report card to the next.")),
    Entry("semester", N_("A semester"), N_("Half a school year.")),
    Entry("school-year", N_("A school year"), N_("One whole school year.")),
    Entry("year-to-date", N_("The year to date"), N_("From the first school day of the year; it only adds up.")),
    Entry("one-time", N_("One time"), N_("Each time that it is given: a test, a survey, a lesson.")),
)

POINTS_AT = Vocabulary(
    "points-at",
    Entry("baseline", N_("Baseline"), N_("Before the change.")),
    Entry("p1", N_("Point 1"), N_("The first of up to six points of a large group.")),
    Entry("p2", N_("Point 2"), N_("The second of up to six points.")),
    Entry("p3", N_("Point 3"), N_("The third of up to six points.")),
    Entry("p4", N_("Point 4"), N_("The fourth of up to six points.")),
    Entry("p5", N_("Point 5"), N_("The fifth of up to six points.")),
    Entry("p6", N_("Point 6"), N_("The sixth of up to six points.")),
    Entry("middle", N_("Middle"), N_("Halfway through.")),
    Entry("end", N_("End"), N_("When the project was closed.")),
    Entry("day-90", N_("Day 90"), N_("Did it hold? Ninety days after the start.")),
    Entry("day-135", N_("Day 135"), N_("Did it hold? A hundred and thirty-five days after the start.")),
)
