"""Stage 8, history: a draft against all that this school told before, and its living practices taken as linked.

Differencing takes what two releases tell of nearly the same students and learns of those in whom they differ. So no
measure tells of a group that differs by 1 to `group_change_minimum` - 1 students from one that was told with the same
measure: the same group, one that it lies in, one that lies in it, or what parts leave of their whole. A direction word
tells of its group as numbers do. The group's name decides what is nested (groups.py); where it can't, a person does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from types import MappingProxyType
from typing import Any

from nic_node.disclosure.draft import Draft, Finding, Given, Severity
from nic_node.disclosure.groups import NESTED, Relation, relation
from nic_node.disclosure.linked import ClassClaim, sure_matches
from nic_node.disclosure.released import Facts, Released, ToldGroup, facts_of

HISTORY_POLICIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "versions_per_practice": ("too-many-versions",),
        "version_gap_days": ("too-soon",),
        "group_change_minimum": ("group-differs", "remainder-told", "group-unclear"),
        "context_k": ("linked-context",),
    }
)
"""A policy of the network, and the codes of the findings that hold a draft to it."""
PARTS_MOST = 10  # choice: of more parts than this only single ones and all of them are looked at together
LEVEL_GRADES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "early": frozenset({"pk-2"}),
        "elementary": frozenset({"pk-2", "3-5"}),
        "middle": frozenset({"6-8"}),
        "high": frozenset({"9-12"}),
        "combined": frozenset({"pk-2", "3-5", "6-8", "9-12"}),
    }
)
"""Which grade bands a school of a level teaches, as a reader would think."""


def check_history(draft: Draft, given: Given) -> Draft:
    """Block what differencing would open; leave the context out where all records together show too few members."""
    facts = facts_of(draft.project, draft.record, draft.printed)
    findings = [*_versions(facts, given), *_differences(facts, given), *_linked_grades(facts, given)]
    found = list({(finding.path, finding.code): finding for finding in findings}.values())
    checked = replace(draft, findings=(*draft.findings, *found))
    return _without_linked_context(checked, facts, given)


# Versions -------------------------------------------------------------------------------------------------------------


def _versions(facts: Facts, given: Given) -> Iterator[Finding]:
    """So many versions a practice; those that tell other numbers so far apart. Other words may leave the same day."""
    versions = sorted((one for one in given.earlier if one.practice == given.practice), key=_order)
    if not versions:
        return
    last = versions[-1]
    most = given.policy["versions_per_practice"]
    if len(versions) >= most:
        yield Finding("history", "too-many-versions", "block", "", after=str(most), source=last.title)
    known = {group.told for version in versions for group in version.facts.groups}
    new = {group.index for group in facts.groups if group.told not in known}
    free_from = last.told_on + timedelta(days=given.policy["version_gap_days"])
    if given.today < free_from and known:
        for index in sorted(new):
            yield _finding("too-soon", "block", index, after=free_from.isoformat(), source=last.title)


def _order(released: Released) -> tuple[object, int]:
    return released.told_on, released.release_id


# Differencing ---------------------------------------------------------------------------------------------------------


def _differences(facts: Facts, given: Given) -> Iterator[Finding]:
    wholes = dict(facts.wholes)
    for released in given.earlier:
        wholes |= released.facts.wholes
    for group in facts.groups:
        told_before = [
            (released, other)
            for released in given.earlier
            for other in released.facts.groups
            if (other.measure, other.label) == (group.measure, group.label)
            and _may_meet(group, other, same_practice=released.practice == given.practice)
        ]
        for released, other in told_before:
            yield from _difference(group, other, released, wholes, given)
        parts = [(other, released.title) for released, other in told_before]
        yield from _remainders(group, parts, wholes, given)


def _may_meet(group: ToldGroup, other: ToldGroup, *, same_practice: bool) -> bool:
    """Whether both may tell of the same weeks: last year's were those of an earlier project, never of its own."""
    return group.arm == other.arm or ("last-year" in (group.arm, other.arm) and not same_practice)


def _difference(
    group: ToldGroup, other: ToldGroup, released: Released, wholes: Mapping[str, str], given: Given
) -> Iterator[Finding]:
    how = relation(group.group, other.group, wholes)
    apart = [abs(group.least - other.least), abs(group.most - other.most)]
    if how != Relation.APART and any(0 < students < _minimum(given) for students in apart):
        code = "group-differs" if how in NESTED else "group-unclear"
        severity: Severity = "block" if how in NESTED else "ask"
        closest = min(students for students in apart if students)
        yield _finding(code, severity, group.index, before=str(group.least), after=str(closest), source=released.title)
    is_version = how == Relation.SAME and released.practice == given.practice
    changed = [at for at, exact in group.points.items() if other.points.get(at, exact) != exact]
    if is_version and changed and not any(apart):
        # As many students, other numbers: somebody left and somebody joined, or a number was mended.
        yield _finding("point-changed", "ask", group.index, before=changed[0], source=released.title)


def touched_groups(facts: Facts, earlier: Facts) -> Iterator[tuple[str, int]]:
    """(group, by how many students it differs) for each group that lies in one of the other's, or holds it."""
    wholes = {**earlier.wholes, **facts.wholes}
    seen = set()
    for group in facts.groups:
        for other in earlier.groups:
            apart = max(abs(group.least - other.least), abs(group.most - other.most))
            touch = (group.group, apart)
            if (
                _may_meet(group, other, same_practice=False)
                and _how(group, other, wholes) in NESTED
                and touch not in seen
            ):
                seen.add(touch)
                yield touch


def _remainders(
    group: ToldGroup, told: list[tuple[ToldGroup, str]], wholes: Mapping[str, str], given: Given
) -> Iterator[Finding]:
    """What parts leave of their whole, for each whole and each set of parts that this draft adds one of them to."""
    inner = [(one, title) for one, title in told if _how(one, group, wholes) == Relation.WITHIN]
    yield from _left_over(group, group, inner, [], wholes, given)
    for whole, title in told:
        if _how(group, whole, wholes) == Relation.WITHIN:
            siblings = [
                (one, name)
                for one, name in told
                if _how(one, whole, wholes) == Relation.WITHIN and _how(one, group, wholes) == Relation.APART
            ]
            yield from _left_over(group, whole, siblings, [(group, title)], wholes, given)


def _left_over(
    group: ToldGroup,
    whole: ToldGroup,
    parts: list[tuple[ToldGroup, str]],
    with_these: list[tuple[ToldGroup, str]],
    wholes: Mapping[str, str],
    given: Given,
) -> Iterator[Finding]:
    for chosen in _sets_of(parts):
        taken = [*chosen, *with_these]
        if len(taken) < 2 or not all(
            _how(one, other, wholes) == Relation.APART for (one, _), (other, _) in combinations(taken, 2)
        ):
            continue
        left = [whole.least - sum(part.least for part, _ in taken), whole.most - sum(part.most for part, _ in taken)]
        if any(0 < students < _minimum(given) for students in left):
            closest = min(students for students in left if students > 0)
            yield _finding(
                "remainder-told",
                "block",
                group.index,
                before=str(group.least),
                after=str(closest),
                source=taken[0][1],
            )
            return


def _sets_of(parts: list[tuple[ToldGroup, str]]) -> Iterator[tuple[tuple[ToldGroup, str], ...]]:
    if len(parts) > PARTS_MOST:
        yield from ((part,) for part in parts)
        yield tuple(parts)
        return
    for size in range(1, len(parts) + 1):
        yield from combinations(parts, size)


def _how(one: ToldGroup, other: ToldGroup, wholes: Mapping[str, str]) -> Relation:
    return relation(one.group, other.group, wholes)


def _minimum(given: Given) -> int:
    minimum: int = given.policy["group_change_minimum"]
    return minimum


def _finding(
    code: str, severity: Severity, index: int, *, source: str, before: str | None = None, after: str | None = None
) -> Finding:
    return Finding("history", code, severity, f"/measures/{index}", before=before, after=after, source=source)


# Linked records -------------------------------------------------------------------------------------------------------


def _linked_grades(facts: Facts, given: Given) -> Iterator[Finding]:
    """Grades of several practices together may show a school of all grades, of which there are few."""
    earlier = [released for released in given.earlier if released.is_living and released.practice != given.practice]
    alone = levels_of(facts.grade_bands)
    for released in earlier:
        together = levels_of((*facts.grade_bands, *released.facts.grade_bands))
        if together < alone and together < levels_of(released.facts.grade_bands):
            yield Finding("history", "linked-grades", "ask", "/problem/grade_bands", source=released.title)
            return


def levels_of(grade_bands: tuple[str, ...]) -> frozenset[str]:
    """The levels of school that teach all of these grades; all levels where none is named."""
    return frozenset(level for level, grades in LEVEL_GRADES.items() if grades.issuperset(grade_bands))


def _without_linked_context(draft: Draft, facts: Facts, given: Given) -> Draft:
    """The term promises k members a class; several records together may match fewer, and then none leaves here."""
    if facts.class_id is None:
        return draft
    claims = linked_claims(facts, given)
    k: int = given.policy["context_k"]
    sure = k if len(claims) == 1 else 0 if None in claims else sure_matches([claim for claim in claims if claim])
    if sure >= k:
        return replace(draft, matches=replace(draft.matches, sure=sure))
    record: dict[str, Any] = {name: value for name, value in draft.record.items() if name != "context"}
    left_out = Finding("history", "linked-context", "info", "/context", after=str(k))
    return replace(draft, record=record, findings=(*draft.findings, left_out))


def linked_claims(facts: Facts, given: Given) -> list[ClassClaim | None]:
    """The classes that this draft and the school's living releases show; None for one whose term is not known here."""
    others = [released.facts for released in given.earlier if released.is_living and released.facts.class_id]
    found = []
    for shown in (facts, *others):
        term = given.linked_terms.get(shown.lattice_sha256 or "")
        found.append(ClassClaim(term, shown.class_id) if term is not None and shown.class_id else None)
    return found
