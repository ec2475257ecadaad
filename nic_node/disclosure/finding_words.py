"""What a finding says to the reviewer: a title, and why it was changed or is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nic_node.disclosure.draft import Finding, Phrase
from nic_node.disclosure.printer import NOT_PRINTED
from nic_node.i18n import N_
from schemas.vocab import MEASURES, OTHER

REPLACED = N_("replaced by a word that names nobody")
ON_ROSTER = N_("A name on your roster")

WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "EMAIL": (N_("An e-mail address"), REPLACED),
        "PHONE": (N_("A phone number"), REPLACED),
        "ID": (N_("A number that belongs to one person"), REPLACED),
        "DATE": (N_("A date"), N_("replaced; seasons and weeks may stay")),
        "ROOM": (N_("A room"), REPLACED),
        "URL": (N_("A link or web address"), REPLACED),
        "ADDRESS": (N_("An address"), REPLACED),
        "PERSON": (N_("A person's name"), N_("replaced by role")),
        "SCHOOL": (N_("The name of a school"), REPLACED),
        "DISTRICT": (N_("The name of a district"), REPLACED),
        "PLACE": (N_("A place"), REPLACED),
        "SINGLING_OUT": (N_("Points to one person or family"), N_("blocked until a person rewrites it")),
        "UNKNOWN_NAME": (
            N_("“{before}” is on no list"),
            N_("a program that many schools know, or a name of your own?"),
        ),
        "still-there": (N_("Something still names someone"), N_("blocked until a person rewrites it")),
        "roster-stale": (
            N_("The roster is empty or old"),
            N_("only steps, dose and numbers leave: nobody could check the prose for names"),
        ),
        "no-roster": (
            N_("The roster is empty or old"),
            N_("nobody could check the words for names: fill the roster first"),
        ),
        "own-practice": (
            N_("It points to a practice of your own"),
            N_("anybody may point to it, but a reader may guess that the same school wrote both"),
        ),
        "no-context": (
            N_("No context leaves"),
            N_("no class of this term's network holds enough members like yours"),
        ),
        "too-many": (N_("More entries than a practice has room for"), N_("the first ones leave; put the best first")),
        "not-on-the-wire": (N_("Something does not fit"), N_("change it: {source}")),
        "comparison-left-out": (
            N_("The comparison stays here"),
            N_("its group is too small or lacks a start or an end"),
        ),
        "no-outcome": (
            N_("No outcome about people"),
            N_("the aim names no measure of the project: what leaves is what you did and what you learned"),
        ),
        "too-few-people": (
            N_("Your group is small"),
            N_("what leaves is what you did and what you learned, and nothing about results"),
        ),
        "nothing-to-compare": (N_("No baseline or no end"), N_("what leaves is what you did and what you learned")),
        "outcome-left-out": (
            N_("The outcome stays here"),
            N_("a person decided so: what leaves is what you did and what you learned"),
        ),
        "context-left-out": (N_("No context leaves"), N_("a person decided that it stays here")),
        "too-many-versions": (
            N_("This would be one version too many"),
            N_("the network allows {after} of a practice: each one tells a little more"),
        ),
        "too-soon": (
            N_("Other results wait a while"),
            N_("versions that differ in their numbers stand apart: from {after} on these may leave, other words now"),
        ),
        "group-differs": (
            N_("“{source}” told of a group that differs by a few students"),
            N_("{before} here, a difference of {after}: who lays both side by side learns about those few"),
        ),
        "group-unclear": (
            N_("Are these the students of “{source}”?"),
            N_("{before} here, a difference of {after}: if they are nearly the same students, leave these numbers out"),
        ),
        "remainder-told": (
            N_("Together with “{source}” this leaves a few students over"),
            N_("the parts that were told leave {after} of their whole: a reader could subtract"),
        ),
        "point-changed": (
            N_("A number that “{source}” told has changed"),
            N_("as many students, other numbers: if somebody joined and somebody left, leave these numbers out"),
        ),
        "linked-context": (
            N_("No context leaves this time"),
            N_("together with what you shared before, fewer than {after} members might match it"),
        ),
        "linked-grades": (
            N_("Together with “{source}” the grades show a school of many grades"),
            N_("there are few of those; leave out the grades of one of them if that would name you"),
        ),
        "directory-under-k": (
            N_("Only {before} schools of your directory match what this shows"),
            N_("fewer than {after}: leave the context out, or the grades"),
        ),
        "class-under-k": (
            N_("The term holds too few members for a context"),
            N_("{before} were issued a credential, and a class holds {after} at least: leave the context out"),
        ),
        "few-members": (
            N_("Few members could have written this"),
            N_("{before} were issued a credential in this term: who knows them all has not many to choose from"),
        ),
        "canary": (
            N_("Something of your school’s own is in what leaves"),
            N_("a name, address, key or id of this school; blocked until a person rewrites it"),
        ),
        "cells-do-not-pass": (N_("The numbers stay here"), N_("what leaves is whether it got better, as a word")),
    }
)
BY_A_RULE = (N_("Receivers would refuse this"), N_("{source}"))
NUMBERS_STAY = N_("{measure}: the numbers stay here")


EXPLAINED: Mapping[str, str] = MappingProxyType(
    {
        "roster": N_("It stands on your school’s roster, or is part of a name there. Names leave in no spelling."),
        "pattern": N_("It has the form of something that leads to a person or a place: an address, a number, a date."),
        "title": N_("A title such as Ms. or Dr. stands before it, so it is somebody’s name."),
        "SINGLING_OUT": N_("Who knows the school knows whom it means, without any name. Say it of a larger group."),
        "UNKNOWN_NAME": N_("It has a capital and stands on no list of words or programs: only a person can tell."),
        "fields": N_("A practice has room for so much, and for nothing else: what has no field can’t leave."),
        "vocabulary": N_("What is sorted by readers comes from closed lists."),
        "cells": N_("The printing table decides by the number of people, and every receiver checks it again."),
        "rung": N_("How much may be told of results depends on the size of the group alone."),
        "context": N_("What is said of your school must hold for so many members that nobody knows which it is."),
        "history": N_("Two releases laid side by side may tell what neither tells alone."),
        "intruder": N_("Somebody with the list of members and the public directory counts who it could be."),
        "review": N_("Every receiver checks this again, and would refuse the record."),
    }
)
"""Why something was changed or is asked, at more length: by code, else by the detector, else by the stage."""


@dataclass(frozen=True, slots=True)
class FindingWords:
    title: Phrase
    why: Phrase


def explained(finding: Finding) -> Phrase:
    """The rule behind a finding, in a sentence or two."""
    keys = (finding.code, (finding.source or "") if finding.stage == "text" else "", finding.stage)
    return Phrase(next((EXPLAINED[key] for key in keys if key in EXPLAINED), N_("A rule of this program asks for it.")))


def words_for(finding: Finding) -> FindingWords:
    """Title and reason of any finding that the pipeline makes."""
    if finding.code in NOT_PRINTED:
        measure = MEASURES.get(finding.source or "", MEASURES[OTHER])
        return FindingWords(Phrase(NUMBERS_STAY, {"measure": Phrase(measure.label)}), Phrase(NOT_PRINTED[finding.code]))
    title, why = WORDS.get(finding.code, BY_A_RULE)
    if finding.source == "roster" and finding.code == "PERSON":
        title = ON_ROSTER
    values = {"before": finding.before, "after": finding.after, "source": finding.source}
    return FindingWords(Phrase(title, values), Phrase(why, values))
