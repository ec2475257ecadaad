import json
from pathlib import Path

import pytest

from nic_node.disclosure.text.singling_out import find_singling_out


def found(text):
    return [text[start:end] for start, end in find_singling_out(text)]


@pytest.mark.parametrize(
    "phrase",
    [
        "the only student in a wheelchair in grade 7",
        "our only Somali newcomer",
        "her mother is the only Black teacher",
        "the only two sixth-grade girls",
        "our one student with Down syndrome",
        "Only one girl in the robotics group",
        "One of our three refugees from Myanmar",
        "the two Hmong brothers",
        "the triplets",
        "the girl whose father died",
        "the new girl from Honduras",
        "a student with leukemia",
        "the kid with the service dog",
        "the pregnant senior",
        "the custodian's daughter",
        "the school board president's grandson",
        "the only redhead in the class",
        "the one fifth grader still learning letters",
        "two of our three deaf students",
        "one student, a Rohingya refugee",
        "the boy adopted from Haiti last year",
        "the student hit by a car in October",
        "the student on house arrest",
        "the homecoming queen",
        "the strongest reader in my class",
        "the two girls who fought",
        "both students from the reservation",
        "the coach's twin sons",
        "his mom has cancer",
        "his deaf sister",
        "our one Deaf teacher",
        "the student whose mom is the lunch lady",
        "a child with a rare bone disease",
        "the boy just back from rehab",
        "the kid everyone saw on the news",
        "the first grader who still uses a stroller",
        "a parent who is the county judge",
        "the blind student listened; she",
        "the oldest boy in seventh grade",
        "the sisters from Ukraine",
        "The family that lost their house in the fire",
        "la unica estudiante sorda",
        "la hija de la directora",
        "el nino en silla de ruedas",
        "las gemelas",
        "the twin girls",
        "the teacher who is out with cancer",
        "the student who set the fire",
        "The student with the tracheostomy",
        "the only one with a wheelchair",
        "la nina nueva de Honduras",
        "the student who was in the news",
    ],
)
def test_phrases_that_point_to_one(phrase):
    assert found(f"So {phrase} stopped coming.")


@pytest.mark.parametrize(
    "text",
    [
        "La hija de una familia recibe la carta; los alumnos con tarea se quedan.",
        "The only change was the order of the steps.",
        "A student who retained the skill and one with one hand up moved on.",
        "The student who is the timekeeper checks the student from the other team.",
        "Only one student answered at a time; our new principal kept it.",
        "The most common student error was place value.",
        "We ask that one person keeps the time. Only two students off task; students with diseases were not asked.",
        "The only students who improved were those who came daily.",
        "The student who finishes first checks the key.",
        "Each student picks one partner, and the two teachers swap groups.",
        "One student at a time comes to the table.",
        "A student with an IEP may use the audio version.",
        "Our only family night drew 60 people.",
        "The new student handbook and the latest student survey helped.",
        "The best student work hung in the hall.",
        "The lowest group gained 12 words.",
        "An interpreter called each family.",
        "Parents of ninth graders were called first.",
        "Black and Latino students gained as much as others.",
    ],
)
def test_procedures_and_groups_stay(text):
    assert found(text) == []


def test_it_ends_on_hostile_text_in_time_that_grows_with_its_length():
    assert len(found("the only " * 4_000 + "a student who " * 1_000)) == 1


def test_of_labelled_sentences_nearly_all_are_told_apart():
    file = Path(__file__).parents[3] / "data" / "privacy" / "phrases.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    missed = [row["text"] for row in rows if row["spans"] and not found(row["text"])]
    stopped = [row["text"] for row in rows if not row["spans"] and found(row["text"])]
    assert (len(rows), missed) == (100, [])
    assert len(stopped) <= 1, stopped
