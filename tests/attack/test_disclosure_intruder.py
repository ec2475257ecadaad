"""Somebody with the public directory, all members' profiles and the bytes that left; each guard is then taken out."""

import json
from collections import Counter

import pytest

from nic_node.disclosure import prepare as stages
from nic_node.disclosure.context import all_bands_of, context_class
from nic_node.disclosure.draft import Canary, ContextProfile, DirectorySchools, Surroundings
from nic_node.disclosure.intruder import check_intruder
from nic_node.disclosure.lattice import build_lattice
from nic_node.disclosure.snapshot import Problem
from nic_node.disclosure.wording import scrub_texts
from schemas.canonical import document_sha256
from tests.unit.disclosure.projects import NETWORK, prepare, project, replication
from tests.unit.disclosure.test_lattice import PROFILES

K = 5
MEMBERS = PROFILES[:120]
LATTICE = build_lattice(MEMBERS, network=NETWORK, epoch=1, k=K)
CANARIES = (
    Canary("entity", "https://node.harborview.example"),
    Canary("host", "node.harborview.example"),
    Canary("key", "Zx3pQn1yVw7sXkT0aLr9mB2cD4eF6gH8iJ5kU-o_l1A"),
    Canary("mail-domain", "hv.k12.example"),
    Canary("id", "530303000477"),
    Canary("place", "Harbor View Middle School"),
)


@pytest.fixture
def without(monkeypatch):
    """Take stages out of the pipeline."""

    def take_out(*guards):
        monkeypatch.setattr(stages, "STAGES", tuple(stage for stage in stages.STAGES if stage not in guards))

    return take_out


def directory_of(profiles):
    """A public directory that knows everything of every school."""
    alike = Counter(tuple(sorted(all_bands_of(profile).items())) for profile in profiles)
    return tuple(DirectorySchools(dict(bands), number) for bands, number in alike.items())


def matching(record, profiles, lattice=LATTICE):
    """How many schools stand in the class that a record shows, as its readers work it out."""
    shown = record.get("context", {}).get("class")
    if shown is None:
        return len(profiles)
    (bands,) = [entry["bands"] for entry in lattice["classes"] if entry["id"] == shown]
    return sum(all(band in all_bands_of(one)[name] for name, band in bands.items()) for one in profiles)


def draft_of(profile, lattice=LATTICE, directory=None):
    around = Surroundings(issued=len(MEMBERS), directory=directory)
    plain = project(problem=Problem("chronic-absence"))
    return prepare(plain, profile=profile, lattice=lattice, surroundings=around)


def test_every_context_matches_k_issued_members_and_k_schools_of_the_directory():
    directory = directory_of(PROFILES)
    for class_id in {context_class(profile, LATTICE) for profile in MEMBERS}:
        member = next(profile for profile in MEMBERS if context_class(profile, LATTICE) == class_id)
        draft = draft_of(member, directory=directory)
        assert not draft.blocked
        assert sum(context_class(one, LATTICE) == class_id for one in MEMBERS) >= K
        assert draft.matches.directory == matching(draft.record, PROFILES) >= K


def lone_lattice():
    """A dishonest or careless network: a class for each school alone."""
    finest = [{name: bands[0] for name, bands in all_bands_of(one).items()} for one in MEMBERS]
    classes = [{"id": document_sha256(bands)[:12], "bands": bands} for bands in finest]
    distinct = {entry["id"]: entry for entry in classes}
    return {**LATTICE, "classes": list(distinct.values())}


def lone_school(lattice):
    counts = Counter(context_class(one, lattice) for one in PROFILES)
    return next(one for one in MEMBERS if counts[context_class(one, lattice)] == 1)


def test_a_class_of_one_school_is_blocked_by_the_directory(without):
    lattice = lone_lattice()
    school, directory = lone_school(lattice), directory_of(PROFILES)
    draft = draft_of(school, lattice, directory)
    assert draft.blocked
    assert draft.matches.directory == 1
    without(check_intruder)
    unguarded = draft_of(school, lattice, directory)
    assert not unguarded.blocked
    assert matching(unguarded.record, PROFILES, lattice) == 1


def test_grades_and_context_together_are_counted(without):
    """A high school's grades in a class that says nothing of level: only those who teach them match."""
    anybody = {**LATTICE, "classes": [{"id": "c0", "bands": dict.fromkeys(all_bands_of(MEMBERS[0]), "any")}]}
    directory = directory_of([ContextProfile("elementary", enrolment=300)] * 60 + [ContextProfile("high")] * 3)
    teaches = project(problem=Problem("chronic-absence", "", ("9-12",)))
    given = {"profile": ContextProfile("high"), "lattice": anybody, "surroundings": Surroundings(directory=directory)}
    assert prepare(teaches, **given).blocked
    without(check_intruder)
    assert not prepare(teaches, **given).blocked


# Canaries -------------------------------------------------------------------------------------------------------------


def planted(canary):
    """The canary in every text of a practice and of a replication."""
    said = f"See {canary.text} today."
    return replication(
        title=said,
        conditions=said,
        adaptable=(said,),
        problem=Problem("chronic-absence", said, ("6-8",), "none"),
    )


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.kind)
def test_nothing_of_the_schools_own_is_in_the_bytes(canary):
    draft = prepare(planted(canary), surroundings=Surroundings(canaries=CANARIES))
    assert draft.blocked or canary.text.lower() not in draft.record_bytes.decode().lower()


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.kind)
def test_also_where_the_text_stage_failed(without, canary):
    without(scrub_texts)
    draft = prepare(planted(canary), surroundings=Surroundings(canaries=CANARIES))
    found = {finding.path for finding in draft.findings if finding.code == "canary"}
    assert {"/title", "/conditions", "/adaptable/0/what", "/problem/statement"} <= found
    assert canary.text not in json.dumps([finding.document() for finding in draft.findings if finding.code == "canary"])


@pytest.mark.parametrize("canary", CANARIES[2:], ids=lambda canary: canary.kind)
def test_without_both_guards_it_leaves(without, canary):
    without(scrub_texts, check_intruder)
    draft = prepare(planted(canary), surroundings=Surroundings(canaries=CANARIES))
    assert not draft.blocked
    assert canary.text in draft.record_bytes.decode()


def test_bytes_of_two_schools_with_the_same_facts_are_the_same():
    """No stable id, no time, nothing of the school: only what was done, counted and said."""
    one = prepare(project(), surroundings=Surroundings(canaries=CANARIES))
    other = prepare(project(), practice=99, surroundings=Surroundings(issued=50))
    assert one.record_bytes == other.record_bytes
