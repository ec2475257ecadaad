"""Problem categories: what a project tries to improve (25 and 'other')."""

from schemas.marks import N_
from schemas.vocab.entry import OTHER, Entry, Vocabulary

PROBLEMS = Vocabulary(
    "problems",
    Entry("chronic-absence", N_("Chronic absence"), N_("Students miss a tenth or more of their school days.")),
    Entry("tardiness", N_("Tardiness"), N_("Students come late to school or to class.")),
    Entry("course-failure", N_("Course failure"), N_("Students fail courses or are about to.")),
    Entry(
        "grade-9-transition",
        N_("Transition into grade 9"),
        N_("Students lose their footing in the first year of high school."),
    ),
    Entry("credit-recovery", N_("Credit recovery"), N_("Students lack credits and have to earn them in another way.")),
    Entry("graduation", N_("Graduation"), N_("Students do not graduate, or not in time.")),
    Entry("early-literacy", N_("Early literacy"), N_("Young students do not yet read with ease.")),
    Entry(
        "adolescent-reading",
        N_("Adolescent reading"),
        N_("Older students do not understand the texts that their subjects demand."),
    ),
    Entry("writing", N_("Writing"), N_("Students cannot yet say in writing what they know and think.")),
    Entry("early-numeracy", N_("Early numeracy"), N_("Young students are not yet at home with numbers.")),
    Entry("algebra-readiness", N_("Algebra readiness"), N_("Students lack what algebra builds on.")),
    Entry("science", N_("Science"), N_("Students do not learn to reason with evidence in science.")),
    Entry(
        "english-proficiency",
        N_("English proficiency"),
        N_("Students who are learning English do not advance as they could."),
    ),
    Entry(
        "disability-gap",
        N_("Disability gap"),
        N_("Students with disabilities are served or achieve less well than others."),
    ),
    Entry("opportunity-gap", N_("Opportunity gap"), N_("Chances at school depend on where a student comes from.")),
    Entry("engagement", N_("Engagement"), N_("Students are present without taking part.")),
    Entry("belonging", N_("Belonging"), N_("Students do not feel known, safe or at home at school.")),
    Entry(
        "behaviour-exclusion",
        N_("Behavior and exclusion"),
        N_("Students lose learning time through conflicts, referrals or suspensions."),
    ),
    Entry("bullying-safety", N_("Bullying and safety"), N_("Students are hurt, threatened or left out by others.")),
    Entry("wellbeing", N_("Well-being"), N_("Students or staff carry more than they can bear.")),
    Entry("family-engagement", N_("Family engagement"), N_("School and families do not work together as they could.")),
    Entry(
        "postsecondary-readiness",
        N_("Readiness for what follows school"),
        N_("Students leave without a plan, or without what their plan demands."),
    ),
    Entry(
        "instructional-quality",
        N_("Quality of instruction"),
        N_("Lessons ask too little of students, or differ too much between rooms."),
    ),
    Entry("team-effectiveness", N_("Team effectiveness"), N_("Teams meet without changing what happens in lessons.")),
    Entry("staff-turnover", N_("Staff turnover"), N_("Too many staff leave, or places stay empty.")),
    Entry(OTHER, N_("Other"), N_("None of these; the label says what.")),
)
