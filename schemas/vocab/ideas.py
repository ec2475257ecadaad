"""Idea categories: what kind of change a practice is (40 and 'other')."""

from schemas.marks import N_
from schemas.vocab.entry import OTHER, Entry, Vocabulary

IDEAS = Vocabulary(
    "ideas",
    Entry(
        "attendance-outreach",
        N_("Attendance outreach"),
        N_("Calls, letters or talks with families of students who begin to miss school."),
    ),
    Entry(
        "home-visits",
        N_("Home visits"),
        N_("Staff meet a family where it lives, to know each other or to solve one problem."),
    ),
    Entry(
        "attendance-incentives",
        N_("Attendance incentives"),
        N_("Recognition or rewards for coming to school or for coming more often."),
    ),
    Entry(
        "transport-support",
        N_("Getting to school"),
        N_("Help with the way to school: passes, walking groups, bus times, rides."),
    ),
    Entry(
        "two-way-texting",
        N_("Two-way texting"),
        N_("Text messages that families can answer, with a person who reads the answers."),
    ),
    Entry(
        "family-conferences",
        N_("Family conferences"),
        N_("Planned talks of family, student and teacher about work and next steps."),
    ),
    Entry(
        "mentoring",
        N_("Mentoring"),
        N_("A student meets one adult or older student regularly over months."),
    ),
    Entry(
        "check-in-check-out",
        N_("Check-in, check-out"),
        N_("A short daily contact with one adult in the morning and at the end of the day, with goals."),
    ),
    Entry(
        "advisory",
        N_("Advisory"),
        N_("A small standing group of students with one adult who follows them closely."),
    ),
    Entry(
        "transition-bridge",
        N_("Transition bridge"),
        N_("Days or weeks that prepare students for the next school or grade before it starts."),
    ),
    Entry(
        "on-track-meetings",
        N_("On-track meetings"),
        N_("Teachers of a grade look at each student's course marks and attendance and agree on who does what."),
    ),
    Entry(
        "early-warning-team",
        N_("Early warning team"),
        N_("A team watches attendance, behavior and course indicators and acts when one turns."),
    ),
    Entry(
        "high-dosage-tutoring",
        N_("High-dosage tutoring"),
        N_("Tutoring three times a week or more, alone or in a group of four at most, by the same tutor."),
    ),
    Entry(
        "small-group-intervention",
        N_("Small-group intervention"),
        N_("Teaching of one skill to a small group that needs it, for a set time."),
    ),
    Entry(
        "intervention-block",
        N_("Intervention block"),
        N_("A period in the schedule in which every student gets help or extension by need."),
    ),
    Entry(
        "foundational-reading",
        N_("Foundational reading"),
        N_("Systematic teaching of sounds, letters, decoding and fluency."),
    ),
    Entry(
        "writing-routine",
        N_("Writing routine"),
        N_("The same steps of planning, drafting and revising in many lessons or subjects."),
    ),
    Entry(
        "vocabulary-routine",
        N_("Vocabulary routine"),
        N_("Words are chosen, taught and used again by a fixed routine."),
    ),
    Entry(
        "math-discourse",
        N_("Math discourse"),
        N_("Students explain and question each other's mathematical reasoning."),
    ),
    Entry(
        "worked-examples",
        N_("Worked examples"),
        N_("Students study solved problems, then finish and solve similar ones."),
    ),
    Entry(
        "retrieval-practice",
        N_("Retrieval practice"),
        N_("Low-stakes recall of what was taught earlier, spaced over time."),
    ),
    Entry(
        "formative-assessment",
        N_("Formative assessment"),
        N_("Teachers find out during teaching what students understand, and change what comes next."),
    ),
    Entry(
        "exit-tickets",
        N_("Exit tickets"),
        N_("One or two questions at the end of a lesson, read before the next one."),
    ),
    Entry(
        "feedback-revision",
        N_("Feedback and revision"),
        N_("Students get specific feedback and time to improve the same work with it."),
    ),
    Entry(
        "grading-practice",
        N_("Grading practice"),
        N_("A change in how work is graded, weighted, made up or reported."),
    ),
    Entry(
        "curriculum-implementation",
        N_("Curriculum implementation"),
        N_("A set of materials is taken into use, or used more as it was meant."),
    ),
    Entry(
        "lesson-study",
        N_("Lesson study"),
        N_("Teachers plan one lesson together, watch it being taught and revise it."),
    ),
    Entry(
        "peer-observation",
        N_("Peer observation"),
        N_("Teachers visit each other's lessons with a question and talk about what they saw."),
    ),
    Entry(
        "coaching-cycle",
        N_("Coaching cycle"),
        N_("A coach and a teacher set a goal, try, watch and reflect in repeated rounds."),
    ),
    Entry(
        "plc-protocol",
        N_("Team protocol"),
        N_("A professional learning community works by a fixed protocol on its students' work or data."),
    ),
    Entry(
        "english-language-development",
        N_("English language development"),
        N_("Planned teaching of English, alone or within a subject, to students who are learning it."),
    ),
    Entry(
        "co-teaching",
        N_("Co-teaching"),
        N_("Two teachers plan and teach one class together, often general and special education."),
    ),
    Entry(
        "individual-support-plan",
        N_("Individual support plan"),
        N_("A plan for one student with goals, supports and dates on which it is looked at."),
    ),
    Entry(
        "behaviour-expectations",
        N_("Behavior expectations"),
        N_("Few clear expectations, taught, practiced and recognized across the school."),
    ),
    Entry(
        "restorative-practice",
        N_("Restorative practice"),
        N_("Circles and conferences that build relations and repair harm."),
    ),
    Entry(
        "social-emotional-routine",
        N_("Social and emotional routine"),
        N_("Short regular practice of naming feelings, calming down, listening or solving conflicts."),
    ),
    Entry(
        "student-voice",
        N_("Student voice"),
        N_("Students help to find problems, choose changes or judge them."),
    ),
    Entry(
        "schedule-change",
        N_("Schedule change"),
        N_("Time, groups or rooms are arranged in another way."),
    ),
    Entry(
        "course-access-advising",
        N_("Course access and advising"),
        N_("Students are found, invited and advised into courses or plans after school that they would miss."),
    ),
    Entry(
        "staff-induction-retention",
        N_("Staff induction and retention"),
        N_("Support that helps new or experienced staff to do well and to stay."),
    ),
    Entry(OTHER, N_("Other"), N_("None of these; the label says what.")),
)
