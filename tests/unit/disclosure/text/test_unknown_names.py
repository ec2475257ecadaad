import pytest

from nic_node.disclosure.text.roster import build_roster
from nic_node.disclosure.text.scan import scrub
from tests.unit.disclosure.projects import ALLOW_LIST

NOBODY = build_roster({})


def asked(text):
    return [
        text[mark.start : mark.end] for mark in scrub(text, NOBODY, ALLOW_LIST).marks if mark.type == "UNKNOWN_NAME"
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Teo and Nacho like the timer.", ["Teo", "Nacho"]),
        ("Her tutor is Glenn Yazzie.", ["Glenn Yazzie"]),
        ("Little Ray asked for another chapter.", ["Little Ray"]),
        ("Notes kept by R. Delgado and MTH.", ["R. Delgado", "MTH"]),
        ("Ask Tom B. or Kim Eun-ji.", ["Tom B.", "Kim Eun-ji"]),
        ("Thu Trang works best alone.", ["Thu Trang"]),
        ("J.T. read aloud.", ["J.T."]),
        ("We borrowed it from Beacon Hour.", ["Beacon Hour"]),
        ("He moved from Escanaba.", ["Escanaba"]),
        ("yusuf 9/15, next week", ["yusuf"]),
        ("Faith lost her place.", ["Faith"]),
        ("It was Joy who asked.", ["Joy"]),
        ("The Oakdale staff came.", ["Oakdale"]),
        ("They met at Sunrise.", ["Sunrise"]),
        ("Ask Joon-ho, Xavier de la Cruz or Ibrahim al-Masri.", ["Joon-ho", "Xavier de la Cruz", "Ibrahim al-Masri"]),
        ("Cottonwood Hollow teachers pace it in nine days.", ["Cottonwood Hollow"]),
        ("Big Mike sat by K a e l y n.", ["Big Mike", "K a e l y n"]),
        ("B. ok, C. absent", ["B.", "C."]),
        ("Eh Paw met Pa Houa.", ["Eh Paw", "Pa Houa"]),
        ("Prairie Wind students wrote more.", ["Prairie Wind"]),
        ("See warsame_goal3.pdf.", ["warsame"]),
        ("marcela r 12/20", ["marcela r"]),
        ("Amira said so.", ["Amira"]),
        ("Joy's group kept the timer.", ["Joy's"]),
        ("grab jaxon from the gym, he left his inhaler", ["jaxon"]),
        ("Then ms pruitt took over.", ["ms pruitt"]),
        ("Group B: Teo, Al and Peanut.", ["Teo", "Al", "Peanut"]),
        ("Warsame, H. - absent", ["Warsame, H."]),
        ("Summer missed it. Summer reading was cut.", ["Summer"]),
        ("His name: Winter Halvorsen.", ["Winter Halvorsen"]),
        ("Grace even smiled. Grace quickly read it.", ["Grace", "Grace"]),
        ("May lost her place, and April's mom called.", ["May", "April's"]),
        ("I told Summer to wait.", ["Summer"]),
        ("Rose and April share.", ["Rose", "April"]),
        ("Maria de los Angeles read. Grace-Olamide too.", ["Maria de los Angeles", "Grace-Olamide"]),
        ("Group (Amos, Esther and Ruth)", ["Amos", "Esther", "Ruth"]),
        ("Notes by T. Ball.", ["T. Ball"]),
        ("The Battle family asked.", ["Battle"]),
        ("The feeder, Copper Basin, starts early.", ["Copper Basin"]),
        ('Guillermo "Memo" Ávila ran it.', ['Guillermo "Memo" Ávila']),
        ("The de la Cruz boys came.", ["de la Cruz"]),
    ],
)
def test_capitals_that_no_list_explains_are_asked_about(text, names):
    assert asked(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "Wilson Fundations cards were used daily.",
        "ran it on monday, kids liked it, idk why",
        "hoy no hubo clase por la lluvia y el grupo trabajara mas",
        "They printed Run Charts and Physical Therapy Schedules.",
        "Pacific Islander and Alaska Native families met before Yom Kippur.",
        "En Semana Santa no hubo Educación Especial.",
        "NWEA MAP growth was the district measure.",
        "A Jigsaw protocol ended each week.",
        "Grade 6 Math and Grade 7 Science shared the rubric.",
        "We ran two PDSA cycles in October.",
        "Spanish-speaking families got texts on Mondays.",
        "Teachers Need Time To Plan Together",
        "U.S. history at 10 a.m.",
        "Students with three Ds and two Fs had a talk.",
        "Lexia Core5 minutes, K-12, COVID-19.",
        "It was NOT graded.",
        "IM = illustrative math; a word bank (WB) helped.",
        "(1) Post the goal (2) Say it",
        "Marzano-style scales hung beside Bloom's and Webb's charts.",
        "Amira minutes were tracked.",
        "Ridgeway Phonics lessons and the Zellinger rubric came first.",
        "Everyone got a Post-it; 4.NF.2 was hard.",
        "We changed group B. Students liked it.",
        "A Wilcoxon test; the Zarathan unit; the Red Folder went home.",
        "Word Walls hung beside Anchor Charts.",
        "We used Talking Chips, and Ice Cream Social tickets, MATHia and NaturalReader.",
        "Group Red read Exit Slips in English and Karen; the Marshmallow Challenge came last.",
        "Joy and curiosity are in our vision.",
        "Students read Esperanza Rising and mapped the Mississippi River.",
        "Hubo más participación en Matemáticas que en Ciencias.",
        "Las familias recibieron un mensaje cada viernes.",
    ],
)
def test_words_programmes_and_headings_are_not(text):
    assert asked(text) == []
