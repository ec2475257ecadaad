"""Bad input to every stage: names in every disguise, texts of any length, numbers that can't be. Nothing crashes."""

import json
import time
from dataclasses import replace
from math import inf, nan

import pytest

from nic_node.disclosure.snapshot import Count, Events, ExactPoint, Lessons, Material, Mean, Problem
from nic_node.disclosure.text.folding import fold
from nic_node.disclosure.text.roster import build_roster
from tests.unit.disclosure.projects import TODAY, absence, prepare, project

NAMES = ["Quillfeather, Zoë", "Faith Okoro", "Will Tanaka", "Bartholomew (Barty) D'Angelo-Reyes", "Xu Quýnh", "李小明"]
ROSTER = build_roster({"PERSON": NAMES, "SCHOOL": ["Harbor View Middle School"], "DISTRICT": []}, as_of=TODAY)
SECRETS = ("quillfeather", "zoe", "okoro", "tanaka", "bartholomew", "barty", "angelo", "quynh", "小明", "harbor view")

DISGUISED = {
    "plain": "Quillfeather read.",
    "emoji": "🎉Quillfeather🎉 and 👩🏽‍🏫Zoë❤️ read",
    "underscores": "zoe_quillfeather and quillfeather_zoe",
    "right to left": "\u202eQuillfeather\u202c and \u200fBarty\u200f read.",
    "zero width": "Quill\u200bfea\u200dther and Ta\ufeffnaka read.",
    "homoglyphs": "Quillf\u0435\u0430ther and T\u0430naka read.",
    "full width": "Ｑｕｉｌｌｆｅａｔｈｅｒ read.",
    "mathematical": "𝓠𝓾𝓲𝓵𝓵𝓯𝓮𝓪𝓽𝓱𝓮𝓻 read.",
    "soft hyphens": "Quill\u00adfeather read.",
    "combining marks": "Q\u0301u\u0308illfeather and Zoe\u0308 read.",
    "link": "See https://example.org/staff/quillfeather?q=zoe.",
    "bare link": "See www.example.org/Bartholomew.",
    "hashtag": "#QuillfeatherReads #teamBarty",
    "handle": "ask @zoe_quillfeather",
    "e-mail": "From: Zoë Quillfeather <z.quillfeather@example.org> Subject: RE: Tanaka, Will - plan",
    "file name": "quillfeather_zoe_final.pdf and BartholomewEssay.docx",
    "possessive": "Quillfeather's and Reyes' folders, Zoë’s too",
    "plural": "The Quillfeathers and the Okoros came.",
    "initials": "Z. Quillfeather, B. D'Angelo-Reyes and Okoro, F. came.",
    "nickname": "Barty read.",
    "capitals": "QUILLFEATHER, ZOË; BARTHOLOMEW D'ANGELO",
    "lower case": "quillfeather and tanaka, also bartholomew",
    "other apostrophe": "D´Angelo and D＇Angelo read.",
    "a word as a name": "Faith Okoro said Will Tanaka will help; they have faith in it and will go on.",
    "other script": "小明 read. 我们看见李小明了。",
    "school": "HARBOR VIEW and Harbor\u00a0View Middle School",
    "lines": "Quillfeather\r\nTanaka\u2028Zoë\tBarty\x0bOkoro",
    "brackets": "[student] Quillfeather [[Zoë]] ((Barty))",
}  # fmt: skip


def everywhere(text):
    """A project with the text in each of its fields that may hold one."""
    return project(
        title=text[:80],
        problem=Problem("chronic-absence", text, ("6-8",), "none"),
        adaptable=(text,),
        materials=(Material("letter", text[:80], text),),
        conditions=text,
        lessons=Lessons(text, text, text),
    )


@pytest.mark.parametrize("kind", DISGUISED)
def test_no_name_leaves_in_any_disguise(kind):
    draft = prepare(everywhere(DISGUISED[kind]), roster=ROSTER)
    left = fold(json.dumps(draft.record, ensure_ascii=False)).text.lower()
    assert not [secret for secret in SECRETS if secret in left], kind
    assert [finding for finding in draft.findings if finding.stage == "text"]


@pytest.mark.parametrize(
    "text",
    [
        "We have faith in it.",
        "Students will mark their own.",
        "Where there is a will there is a way.",
        "Harbor no doubt.",
    ],
)
def test_words_that_are_names_too_stay_words(text):
    assert prepare(project(conditions=text), roster=ROSTER).record["conditions"] == text


MOST_SECONDS = 20.0  # of the processor; it takes two


@pytest.mark.parametrize("word", ["Quillfeather", "students", "3/4", "the only one", "Ä\u0301", "a@b.co", "["])
def test_a_note_of_ten_thousand_words_takes_bounded_time(word):
    started = time.process_time()
    draft = prepare(project(conditions=f"{word} " * (10_000 // len(word.split()))), roster=ROSTER)
    assert time.process_time() - started < MOST_SECONDS
    assert draft.blocked, "no field takes so much"


ODD = (nan, -inf, -1, 1e300, True)
COUNTS = [Count(x, 61) for x in (*ODD, 62)] + [Count(3, n) for n in (-1, 0, 2, nan)]
MEANS = [Mean(mean, 3.0, 61) for mean in ODD] + [Mean(12.0, sd, 61) for sd in ODD]
EVENTS = [Events(events, 900.0, 61) for events in ODD] + [Events(9, exposure, 61) for exposure in (None, 0, nan, -1)]


@pytest.mark.parametrize(
    ("unit", "honest", "periods"),
    [
        ("proportion", Count(23, 61), [*COUNTS, MEANS[0], EVENTS[0]]),
        ("mean", Mean(12.0, 3.0, 61), [*MEANS, COUNTS[0]]),
        ("minutes", Mean(12.0, 3.0, 61), MEANS[:3]),
        ("rate", Events(40, 1_200.0, 61), [*EVENTS, COUNTS[0]]),
        ("count", Events(40), EVENTS[:3]),
    ],
)
def test_numbers_that_can_not_be_are_printed_by_no_stage(unit, honest, periods):
    """Each alone at the end, after an honest baseline of the same kind."""
    for period in periods:
        points = (
            ExactPoint("baseline", (honest, honest)),
            ExactPoint("end", (period, period)),
        )
        draft = prepare(project(replace(absence(points=points), unit=unit, scale=(0.0, 24.0))), roster=ROSTER)
        text = draft.record_bytes.decode()
        assert "NaN" not in text
        assert "Infinity" not in text
        assert "1e+300" not in text


@pytest.mark.parametrize("sizes", [(61, 44), (61, 9), (9, 61), (20, 19), (100, 89)])
def test_a_group_that_changes_its_size_between_points_is_not_printed(sizes):
    points = tuple(ExactPoint(at, (Count(4, n), Count(4, n))) for at, n in zip(("baseline", "end"), sizes, strict=True))
    draft = prepare(project(absence(points=points)), roster=ROSTER)
    assert "measures" not in draft.record
    assert draft.rung in {"direction", "described"}
