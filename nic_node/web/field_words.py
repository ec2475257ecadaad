"""Words of the field, explained where they first stand on a page and all together on Help, each with its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from nic_node.i18n import N_

IMPROVEMENT_GUIDE: Final = "Langley, Moen, Nolan, Nolan, Norman & Provost, The Improvement Guide, 2nd ed., 2009"
LEARNING_TO_IMPROVE: Final = "Bryk, Gomez, Grunow & LeMahieu, Learning to Improve, 2015"


@dataclass(frozen=True, slots=True)
class FieldWord:
    """Attributes: says, in one or two sentences; source, in which the field defines it."""

    term: str
    says: str
    source: str


FIELD_WORDS: Final[Mapping[str, FieldWord]] = MappingProxyType(
    {
        "nic": FieldWord(
            N_("Networked improvement community (NIC)"),
            N_("Schools with one aim, a shared theory and common measures, that learn from each other's tests."),
            LEARNING_TO_IMPROVE,
        ),
        "ilt": FieldWord(
            N_("Instructional leadership team (ILT)"),
            N_("The principal and teachers who speak for grades and subjects, and lead improvement together."),
            "Bryk, Sebring, Allensworth, Luppescu & Easton, Organizing Schools for Improvement, 2010",
        ),
        "sip": FieldWord(
            N_("School improvement plan (SIP)"),
            N_(
                "What the school wants to be different, and how it goes about it; often the district or state asks "
                "for it."
            ),
            "Every Student Succeeds Act, 20 U.S.C. § 6311(d)",
        ),
        "project": FieldWord(
            N_("45-day project"),
            N_(
                "One change, tried for 45 calendar days: a check half-way, and at the end a decision to adopt it, "
                "adapt it or abandon it."
            ),
            "Half of a 90-day cycle: Park & Takahashi, 90-Day Cycle Handbook, Carnegie Foundation, 2013",
        ),
        "problem-of-practice": FieldWord(
            N_("Problem of practice"),
            N_(
                "Something in what adults do every day that, done better, would help students most. It can be seen, "
                "and changed here."
            ),
            "City, Elmore, Fiarman & Teitel, Instructional Rounds in Education, 2009",
        ),
        "aim": FieldWord(
            N_("Aim"),
            N_("What will be different: how much, for whom, by when."),
            IMPROVEMENT_GUIDE,
        ),
        "change-idea": FieldWord(
            N_("Change idea"),
            N_("The one thing that you do differently, concrete enough that a colleague could do it tomorrow."),
            IMPROVEMENT_GUIDE,
        ),
        "driver": FieldWord(
            N_("Driver"),
            N_(
                "What you think moves the aim. A driver diagram draws it: the aim, what drives it, and the changes "
                "that work on each driver."
            ),
            "Bennett & Provost, What's Your Theory?, Quality Progress 48(7), 2015",
        ),
        "leading-indicator": FieldWord(
            N_("Leading indicator"),
            N_("A number that moves weeks before the goal does, so that there is time to act on it."),
            "Foley et al., Beyond Test Scores: Leading Indicators for Education, Annenberg Institute, 2008",
        ),
        "outcome-measure": FieldWord(
            N_("Outcome measure"), N_("The number that you want to move in the end."), IMPROVEMENT_GUIDE
        ),
        "process-measure": FieldWord(
            N_("Process measure"),
            N_(
                "Whether the change is really done, how often and by how many. Without it nobody knows what was tested."
            ),
            IMPROVEMENT_GUIDE,
        ),
        "balancing-measure": FieldWord(
            N_("Balancing measure"),
            N_("What must not get worse meanwhile: lost lesson time, tired staff."),
            IMPROVEMENT_GUIDE,
        ),
        "run-chart": FieldWord(
            N_("Run chart"),
            N_(
                "Numbers in the order of time, with their median as a line. It shows whether anything changed, and "
                "since when."
            ),
            "Perla, Provost & Murray, The Run Chart, BMJ Quality & Safety 20, 46–51, 2011",
        ),
        "signal": FieldWord(
            N_("Signal"),
            N_(
                "So many numbers in a row on one side of the median, or so few crossings of it, that chance would "
                "rarely do it."
            ),
            "Anhøj & Olesen, Run Charts Revisited, PLoS ONE 9(11), e113825, 2014",
        ),
        "control-chart": FieldWord(
            N_("Control chart"),
            N_("A run chart with limits: a single number beyond them is special, whatever came before."),
            "Wheeler, Understanding Variation, 1993",
        ),
        "pdsa": FieldWord(
            N_("Inquiry cycle (PDSA)"),
            N_(
                "Plan a small test and predict what you will see; do it; study it against the prediction; act: adopt, "
                "adapt or abandon."
            ),
            IMPROVEMENT_GUIDE,
        ),
        "spiral": FieldWord(
            N_("Spiral of inquiry"),
            N_("Scan, focus, develop a hunch, learn, take action, check: in any order that the learners need."),
            "Halbert & Kaser, Spirals of Inquiry, 2013",
        ),
        "plc": FieldWord(
            N_("Professional learning community (PLC)"),
            N_("Teachers who meet often, look at what their students learned, and try something together."),
            "DuFour & Eaker, Professional Learning Communities at Work, 1998",
        ),
        "look-for": FieldWord(
            N_("Look-for"),
            N_("Something that a visitor can see or not see in a lesson while the change is in use."),
            "Downey, Steffy, English, Frase & Poston, The Three-Minute Classroom Walk-Through, 2004",
        ),
        "fidelity": FieldWord(
            N_("Fidelity"),
            N_("How much of the change was done as it was meant."),
            "Century, Rudnick & Freeman, American Journal of Evaluation 31(2), 199–218, 2010",
        ),
        "collective-efficacy": FieldWord(
            N_("Collective efficacy"),
            N_("The staff's belief that together they can help every student learn."),
            "Goddard, Hoy & Hoy, American Educational Research Journal 37(2), 479–507, 2000",
        ),
        "practice": FieldWord(
            N_("Practice"),
            N_("A published account of a closed project. It names no school and no person."),
            LEARNING_TO_IMPROVE,
        ),
        "replication": FieldWord(
            N_("Replication"),
            N_("What happened when another school tried a practice; failures too, as they say where it does not work."),
            "Makel & Plucker, Facts Are More Important Than Novelty, Educational Researcher 43(6), 304–316, 2014",
        ),
        "pooled-effect": FieldWord(
            N_("Pooled effect"),
            N_("What several schools found, taken together: larger and surer results count for more."),
            "Borenstein, Hedges, Higgins & Rothstein, Introduction to Meta-Analysis, 2009",
        ),
        "context-class": FieldWord(
            N_("Context class"),
            N_(
                "Bands such as ‘middle school, town or rural’ that several members share, so that none can be told "
                "from the others."
            ),
            "Sweeney, k-Anonymity, Int. Journal on Uncertainty, Fuzziness and Knowledge-Based Systems 10(5), 2002",
        ),
    }
)
