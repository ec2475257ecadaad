"""Stage 9, intruder: who it could be, for somebody who knows the members and has the public directory at hand.

Members: that a class holds k of them is the term's promise; the node counts who was issued. A directory: its rows that
match everything this draft and the school's living releases show. Last, the bytes themselves are searched for what is
this school's own, by another way than the text stage's: an error there shows here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from nic_node.disclosure.draft import Canary, Draft, Finding, Given, Matches, Severity
from nic_node.disclosure.history import LEVEL_GRADES
from nic_node.disclosure.text.allow_list import AllowList
from nic_node.disclosure.text.folding import fold
from nic_node.disclosure.text.roster import Roster
from nic_node.disclosure.text.tokens import tokenise
from schemas.vocab import ANY, CONTEXT

OF_THE_LOG: Final = ("/origin", "/supersedes", "/context/lattice_sha256")
"""What names other records and the term: hosts of the network stand here, and are everybody's."""
LEAST_SHARE_OF_N: Final = 0.9
"""Choice: a group whose n prints as 60 has at least 54 students, so a school of fewer is ruled out."""


def check_intruder(draft: Draft, given: Given) -> Draft:
    """Count who matches, and block under k; block where a canary stands in what leaves."""
    around, k = given.surroundings, given.policy["context_k"]
    findings = []
    shows_context = "context" in draft.record
    if around.issued is not None and around.issued < k:
        findings.append(_too_few_issued(around.issued, k, shows_context=shows_context))
    matching = None if around.directory is None else count_matching(draft, given)
    if matching is not None and matching < k:
        path = "/context" if shows_context else "/problem/grade_bands"
        findings.append(Finding("intruder", "directory-under-k", "block", path, before=str(matching), after=str(k)))
    findings += [
        Finding("intruder", "canary", "block", path, source=kind)
        for path, kind in find_canaries(draft.record, around.canaries, given.roster, given.allow_list)
    ]
    matches = Matches(sure=draft.matches.sure if shows_context else None, issued=around.issued, directory=matching)
    return replace(draft, matches=matches, findings=(*draft.findings, *findings))


def _too_few_issued(issued: int, k: int, *, shows_context: bool) -> Finding:
    """A class of fewer than k can't be; without a context it is said plainly, and a person decides."""
    code = "class-under-k" if shows_context else "few-members"
    severity: Severity = "block" if shows_context else "ask"
    return Finding("intruder", code, severity, "/context", before=str(issued), after=str(k))


# The directory --------------------------------------------------------------------------------------------------------


def count_matching(draft: Draft, given: Given) -> int:
    """How many schools of the directory match all that is shown, by this draft and by the living releases."""
    boxes = [bands for bands in shown_bands(draft, given) if bands]
    grades = frozenset(draft.record["problem"].get("grade_bands", ())).union(
        *(released.facts.grade_bands for released in given.earlier if released.is_living)
    )
    least = least_students(draft.record)
    return sum(
        alike.schools
        for alike in given.surroundings.directory or ()
        if all(_holds(alike.bands, box) for box in boxes)
        and _teaches(alike.bands, grades)
        and _is_large_enough(alike.bands, least)
    )


def shown_bands(draft: Draft, given: Given) -> Iterator[Mapping[str, str]]:
    """The bands of each class that is shown, where its lattice is known here."""
    shown = [draft.record["context"]] if "context" in draft.record else []
    shown += [
        {"lattice_sha256": released.facts.lattice_sha256, "class": released.facts.class_id}
        for released in given.earlier
        if released.is_living and released.facts.class_id
    ]
    for context in shown:
        term = given.linked_terms.get(context["lattice_sha256"])
        lattice = term.lattice if term is not None else given.lattice
        for entry in (lattice or {"classes": ()})["classes"]:
            if entry["id"] == context["class"]:
                yield entry["bands"]


def _holds(school: Mapping[str, tuple[str, ...]], shown: Mapping[str, str]) -> bool:
    """Whether a school may stand in the bands; what a directory does not know rules nobody out."""
    return all(band == ANY or name not in school or band in school[name] for name, band in shown.items())


def _teaches(school: Mapping[str, tuple[str, ...]], grades: frozenset[str]) -> bool:
    levels = [level for level in school.get("level", ()) if level in LEVEL_GRADES]
    return not levels or any(grades <= LEVEL_GRADES[level] for level in levels)


def _is_large_enough(school: Mapping[str, tuple[str, ...]], least: float) -> bool:
    band = CONTEXT["enrolment"].bands.get(school.get("enrolment", (ANY,))[0])
    return band is None or band.high is None or band.high > least


def least_students(record: Mapping[str, Any]) -> float:
    """The fewest students that a school has whose record shows these n."""
    shown = [point["n"] for measure in record.get("measures", ()) for point in measure["points"] if "n" in point]
    return LEAST_SHARE_OF_N * max((n for n in shown if isinstance(n, int)), default=0)


# Canaries -------------------------------------------------------------------------------------------------------------


def find_canaries(
    record: Mapping[str, Any], canaries: tuple[Canary, ...], roster: Roster, allow: AllowList
) -> Iterator[tuple[str, str]]:
    """(JSON pointer, kind) of every string of a record, names of fields too, that holds what is the school's own."""
    wanted = [(canary.kind, fold(canary.text).text.lower()) for canary in canaries if canary.text]
    for path, text in strings_of(record):
        if path in OF_THE_LOG:
            continue
        plain = fold(text).text.lower()
        yield from ((path, kind) for kind, canary in wanted if canary in plain)
        if holds_whole_name(text, roster, allow):
            yield path, "name"


def strings_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(JSON pointer, string) of all strings of a document; a field's name counts as standing at its value."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield f"{path}/{name}", str(name)
            yield from strings_of(inner, f"{path}/{name}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from strings_of(inner, f"{path}/{index}")


def holds_whole_name(text: str, roster: Roster, allow: AllowList) -> bool:
    """Whether the parts of a roster's name stand one after the other, in either order; a programme's name may.

    Names of which every part is a plain word ('Will Cook') are left to the text stage, which looks at their use.
    """
    folded = fold(text).text
    tokens = tokenise(folded)
    words = tuple(token.stem for token in tokens)
    for start in range(len(words)):
        for form in _forms_at(words, start, roster):
            is_said = words[start : start + len(form)] == form and not all(map(allow.is_word, form))
            if is_said and not allow.phrase_at(folded, tokens, start):
                return True
    return False


def _forms_at(words: tuple[str, ...], start: int, roster: Roster) -> Iterator[tuple[str, ...]]:
    """'first last' and 'last first' of the names that might begin at a word."""
    yield from roster.whole_by_first.get(words[start], ())
    for parts in roster.whole_by_first.get(words[start + 1], ()) if start + 1 < len(words) else ():
        yield (*parts[1:], parts[0])
