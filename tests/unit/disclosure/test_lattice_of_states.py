"""Lattices over 19,343 real rows of three states: every class holds k, and no two terms laid together name a school."""

import csv
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from nic_node.disclosure.context import context_class
from nic_node.disclosure.draft import ContextProfile
from nic_node.disclosure.lattice import build_lattice, class_sizes, merge_upward
from nic_node.disclosure.linked import ClassClaim, Term, sure_matches
from schemas.policy import LATTICE
from schemas.vocab import CONTEXT
from tests.unit.disclosure.projects import NETWORK

BANDS = Path(__file__).parents[2] / "data" / "context" / "schools_by_bands.csv"
ROWS = {"ca": 10_395, "nyc": 1_788, "ky": 7_160}
NUMBERS = ("enrolment", "lunch", "english_learners", "disabilities")
K = 5


def read_states():
    """The rows as profiles: of each band its lower edge stands for all that lie in it, as bands are all that counts."""
    found = {source: [] for source in ROWS}
    with BANDS.open(newline="") as file:
        for row in csv.DictReader(file):
            edges = {name: CONTEXT[name].bands[row[name]].low if row[name] else None for name in NUMBERS}
            found[row["source"]] += [ContextProfile(row["level"] or None, **edges)] * int(row["schools"])
    return found


STATES = read_states()


def build(profiles, epoch=1):
    return build_lattice(profiles, network=NETWORK, epoch=epoch, k=K)


@pytest.mark.parametrize("source", ROWS)
def test_every_class_of_a_whole_state_holds_k(source):
    schools = STATES[source]
    assert len(schools) == ROWS[source]
    lattice = build(schools)
    sizes = class_sizes(schools, lattice)
    assert min(sizes.values()) >= K
    assert sum(sizes.values()) == len(schools)
    assert LATTICE.validate(lattice) == {}
    assert all(entry.keys() == {"id", "bands"} for entry in lattice["classes"])


@pytest.mark.parametrize("source", ROWS)
def test_and_so_where_only_some_were_issued(source):
    schools, issued = STATES[source], Random(source).sample(STATES[source], ROWS[source] // 3)
    sizes = class_sizes(issued, merge_upward(build(schools), issued, k=K))
    assert min(sizes.values()) >= K
    assert sum(sizes.values()) == len(issued)


@pytest.mark.parametrize("source", ROWS)
def test_more_members_buy_more_classes(source):
    schools = Random(source).sample(STATES[source], ROWS[source])
    numbers = [len(build(schools[:size])["classes"]) for size in (20, 100, 1_000)]
    assert numbers == sorted(set(numbers))
    assert numbers[1] >= 6


def terms_of(schools, chance):
    """Two terms in a row: a tenth of the members left, as many came, and each term's lattice was made anew."""
    members = list(range(len(schools)))
    chance.shuffle(members)
    tenth = len(members) // 10
    issued = (members[tenth:], members[:-tenth])
    lattices = [build([schools[one] for one in term], epoch) for epoch, term in enumerate(issued, start=1)]
    names = [frozenset(f"https://s{one}.example" for one in term) for term in issued]
    return [Term(lattice, entities, K) for lattice, entities in zip(lattices, names, strict=True)], set(
        issued[0]
    ) & set(issued[1])


def shown_in_both(schools, chance):
    """(class of the first term, class of the second) of each member of both, with what the guard says of the pair."""
    terms, both = terms_of(schools, chance)
    alike = Counter(schools[one] for one in both)
    classes = {one: tuple(context_class(one, term.lattice) for term in terms) for one in alike}
    pairs = Counter()
    for one, number in alike.items():
        pairs[classes[one]] += number
    sure = {
        pair: sure_matches([ClassClaim(term, shown) for term, shown in zip(terms, pair, strict=True)]) for pair in pairs
    }
    return pairs, sure


@pytest.mark.parametrize(("source", "size"), [("ca", 10_395), ("nyc", 600), ("ky", 600)])
def test_two_terms_laid_together_match_k_members_or_the_second_says_nothing(source, size):
    pairs, sure = shown_in_both(Random(source).sample(STATES[source], size), Random(1))
    told = [pair for pair in pairs if sure[pair] >= K]
    assert all(pairs[pair] >= K for pair in told)
    assert any(number < K for number in pairs.values()), "without the guard the two together would name schools"


@pytest.mark.long
@pytest.mark.parametrize("source", ROWS)
def test_whole_states_over_several_terms(source):
    for seed in range(5):
        pairs, sure = shown_in_both(STATES[source], Random(seed))
        assert all(pairs[pair] >= K for pair in pairs if sure[pair] >= K)
