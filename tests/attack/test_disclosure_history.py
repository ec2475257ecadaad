"""Somebody who keeps every release of a school lays them side by side; with the history stage taken out they succeed.

The attackers here are given much: which students a group gained or lost, every exact n, the printing rules, and all
members' exact profiles. What they don't have is the exact counts, and that is what they are after.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, product

import pytest

from federation.rules_printing import band
from nic_node.disclosure import prepare as stages
from nic_node.disclosure.context import context_class
from nic_node.disclosure.history import check_history
from nic_node.disclosure.lattice import build_lattice
from nic_node.disclosure.linked import Term
from nic_node.disclosure.released import Released, facts_of
from schemas.canonical import document_sha256
from tests.unit.disclosure.projects import NETWORK, POLICY, TODAY, absence, prepare, project
from tests.unit.disclosure.test_lattice import PROFILES

SIZES = (61, 60, 58)


@pytest.fixture
def unguarded(monkeypatch):
    monkeypatch.setattr(stages, "STAGES", tuple(stage for stage in stages.STAGES if stage is not check_history))


def release_all(*snapshots, one_practice=False, **given):
    """What leaves of a school that shares these, one after the other; a blocked one does not."""
    earlier, out = [], []
    for number, snapshot in enumerate(snapshots, start=1):
        practice = 1 if one_practice else number
        draft = prepare(snapshot, earlier=tuple(earlier), practice=practice, **given)
        if draft.blocked:
            continue
        day = TODAY - timedelta(days=40 * (10 - number))
        facts = facts_of(draft.snapshot, draft.record, draft.printed)
        earlier.append(Released(number, practice, draft.record["title"], day, True, facts))
        out.append(draft.record)
    return out


def ends(records):
    """Of each record the printed end, where it tells one."""
    return [measure["points"][-1]["band"] for record in records for measure in record.get("measures", ())]


def group(n, x, name="grade 7"):
    return project(absence(n=n, before=(n // 2, n // 2), after=(x, x), group=name))


def xs_printed_as(shown, n):
    return [x for x in range(n + 1) if list(band(x, n)) == shown]


def statuses(before, after, n, gone):
    """How many of the students who left may be among those counted; one answer is one too few."""
    pairs = product(xs_printed_as(before, n), xs_printed_as(after, n - gone))
    return {one - other for one, other in pairs if 0 <= one - other <= gone}


def stories(n, gone):
    """Every x, and every number of counted students among those who left."""
    return [(x, left) for x in range(n + 1) for left in range(gone + 1) if 0 <= x - left <= n - gone]


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_one_release_more_tells_nothing_of_who_left(gone):
    """The guard looks at sizes alone, so one story stands for all; the attack needs two releases."""
    assert len(ends(release_all(group(61, 20), group(61 - gone, 20)))) == 1
    assert len(ends(release_all(group(61 - gone, 20), group(61, 20)))) == 1, "one who joins is one who left, backwards"


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize("gone", [1, 2, 3])
def test_without_the_guard_differencing_tells_of_who_left(gone):
    assert len(ends(release_all(group(61, 20), group(61 - gone, 20)))) == 2
    known = [
        (x, left)
        for x, left in stories(61, gone)
        if statuses(list(band(x, 61)), list(band(x - left, 61 - gone)), 61, gone) == {left}
    ]
    assert len(known) >= 3


def test_no_two_versions_of_all_differ_by_a_few():
    shown = release_all(*(group(n, 20) for n in SIZES), one_practice=True)
    told = [n for n, record in zip(SIZES, shown, strict=False) if "measures" in record]
    assert all(abs(one - other) >= POLICY["group_change_minimum"] for one, other in combinations(told, 2))
    assert len(ends(shown)) == 1


@pytest.mark.usefixtures("unguarded")
def test_without_the_guard_every_pair_of_versions_is_an_attack():
    assert len(ends(release_all(*(group(n, 20) for n in SIZES), one_practice=True))) == len(SIZES)


NESTS = (
    (("grade 7", 61), ("grade 7 without newcomers", 58)),
    (("whole school", 58), ("grade 7", 55)),
    (("7B", 27), ("grade 7", 30)),
    (("grade 7", 61), ("7A", 30), ("7B", 28)),
    (("7A", 30), ("7B", 28), ("grade 7", 61)),
)


@pytest.mark.parametrize("nest", NESTS)
def test_nested_groups_leave_nobody_over(nest):
    shown = ends(release_all(*(group(n, n // 3, name) for name, n in nest)))
    assert len(shown) == len(nest) - 1


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize("nest", NESTS)
def test_without_the_guard_the_few_left_over_are_counted(nest):
    """Some x make the whole's band and the parts' bands fit one number of counted students among the few only."""
    assert len(ends(release_all(*(group(n, n // 3, name) for name, n in nest)))) == len(nest)
    sizes = sorted((n for _, n in nest), reverse=True)
    whole, parts = sizes[0], sizes[1:]
    few = whole - sum(parts)
    assert 0 < few < POLICY["group_change_minimum"]
    sums = defaultdict(set)
    for xs in product(*(range(n + 1) for n in parts)):
        sums[tuple(band(x, n) for x, n in zip(xs, parts, strict=True))].add(sum(xs))
    found = 0
    for shown, of_parts in sums.items():
        assert shown
        for whole_band in {band(x, whole) for x in range(whole + 1)}:
            xs = xs_printed_as(list(whole_band), whole)
            left = {x - total for x in xs for total in of_parts if 0 <= x - total <= few}
            found += len(left) == 1
    assert found > 0


# Direction words ------------------------------------------------------------------------------------------------------


def words(n, x):
    snapshot = project(absence(n=n, before=(n // 2, n // 2), after=(x, x)))
    return prepare(snapshot).direction


def test_words_of_neighbouring_groups_are_not_told_side_by_side():
    shown = release_all(group(19, 5), group(18, 5))
    assert ["direction" in record for record in shown] == [True]


@pytest.mark.usefixtures("unguarded")
def test_without_the_guard_two_words_tell_of_one_student():
    """For some x the first word holds whether the one who left was counted: the second word says it."""
    assert len(release_all(group(19, 5), group(18, 5))) == 2
    told = defaultdict(set)
    for x, left in stories(19, 1):
        told[x, words(19, x), words(18, x - left)].add(left)
    assert any(len(lefts) == 1 for lefts in told.values())


# Linked records -------------------------------------------------------------------------------------------------------

K = 5
FIRST, SECOND = range(40, 160), range(160)
"""Members issued in two terms; the second holds all of the first and more, so that promises could carry over."""


def term(members, epoch):
    lattice = build_lattice([PROFILES[member] for member in members], network=NETWORK, epoch=epoch, k=K)
    return Term(lattice, frozenset(f"https://s{member}.example" for member in members), K)


@pytest.fixture(scope="module")
def terms():
    return term(FIRST, 1), term(SECOND, 2)


def linked_matches(shown, terms):
    """For each pair of classes that a school shows, how many members issued in both terms show it."""
    matching = defaultdict(int)
    for classes in shown.values():
        matching[classes] += 1
    return matching


def classes_of(terms):
    return {
        member: tuple(context_class(PROFILES[member], one.lattice) for one in terms)
        for member in FIRST
        if member in SECOND
    }


def shown_by(member, terms):
    """The classes that a school shows that publishes in both terms."""
    known = {document_sha256(one.lattice): one for one in terms}
    first = prepare(project(), profile=PROFILES[member], lattice=terms[0].lattice, linked_terms=known)
    facts = facts_of(first.snapshot, first.record, first.printed)
    earlier = Released(1, 1, "The first", TODAY - timedelta(days=100), True, facts)
    given = {"lattice": terms[1].lattice, "linked_terms": known, "earlier": (earlier,), "practice": 2}
    second = prepare(project(), profile=PROFILES[member], **given)
    return first.context_class, second.context_class


def test_all_records_of_a_school_together_match_k_members(terms):
    everybody = classes_of(terms)
    linked = linked_matches(everybody, terms)
    rare = [member for member, classes in everybody.items() if linked[classes] < K][:12]
    for member in rare:
        first, second = shown_by(member, terms)
        matching = [
            other for other in everybody.values() if other[0] == first and (second is None or other[1] == second)
        ]
        assert len(matching) >= K


def test_a_term_with_the_same_classes_keeps_its_context(terms):
    again = replace(terms[0], lattice=terms[0].lattice | {"epoch": 2})
    first, second = shown_by(FIRST[0], (terms[0], again))
    assert first == second
    assert first is not None


@pytest.mark.usefixtures("unguarded")
def test_without_the_guard_the_intersection_names_schools(terms):
    everybody = classes_of(terms)
    linked = linked_matches(everybody, terms)
    rare = [member for member, classes in everybody.items() if linked[classes] < K]
    assert rare
    assert linked[shown_by(rare[0], terms)] < K
