"""A network's context classes: a fine generalisation in which each class holds at least k members.

Exact profiles are unique; a class is a band of each attribute that k members share. All members start in one class; a
class is split along the attribute whose finer bands tell most, counted by members and by the network's ranking, as
long as every part keeps k members (top-down and greedy, after LeFevre, DeWitt and Ramakrishnan, 'Mondrian
multidimensional k-anonymity', 2006, with fixed hierarchies). Bands with too few members stay together in the class that
was split, which then stands after its parts: **a school belongs to the first class of the document that holds it.**
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log2
from typing import Any

from nic_node.disclosure.context import all_bands_of, first_class
from nic_node.disclosure.draft import ContextProfile
from schemas.canonical import document_sha256
from schemas.limits import WIRE_VERSION
from schemas.vocab import ANY, CONTEXT, is_within

DEFAULT_RANKING = tuple(CONTEXT)
CLASS_ID_LENGTH = 12

Bands = dict[str, str]
Member = Mapping[str, tuple[str, ...]]  # for each attribute the bands that hold the member, from fine to coarse
Alike = tuple[tuple[str, tuple[str, ...]], ...]  # the same as a key: members whose bands are all the same


def build_lattice(
    profiles: Sequence[ContextProfile], *, network: str, epoch: int, k: int, ranking: Sequence[str] = DEFAULT_RANKING
) -> dict[str, Any]:
    """The lattice document of these members; without classes where there are fewer than k. It holds no counts."""
    members = [all_bands_of(profile) for profile in profiles]
    classes = _split(dict.fromkeys(CONTEXT, ANY), members, k, ranking) if len(members) >= k else []
    return {
        "v": WIRE_VERSION,
        "kind": "lattice",
        "network": network,
        "epoch": epoch,
        "attributes": list(ranking),
        "classes": [_class(bands) for bands in classes],
    }


def merge_upward(lattice: Mapping[str, Any], profiles: Sequence[ContextProfile], *, k: int) -> dict[str, Any]:
    """The lattice counted again over other members (those issued): classes under k merge upward, none gets finer.

    A class that is too small goes; who is left without a class gets the small one's next coarser form, behind all
    others. Where that is the class of everybody and still too small, the smallest other class joins it.
    """
    placed = _Placed(list(lattice["classes"]) if len(profiles) >= k else [], profiles)
    while placed.classes:
        least = placed.smallest()
        if placed.size(least) >= k:
            break
        placed.remove(least)
        if not placed.left:
            continue
        coarser = _coarser(least["bands"], lattice["attributes"])
        if coarser is None:
            placed.remove(placed.smallest())
        placed.append(_class(coarser or least["bands"]))
    return {**lattice, "classes": placed.classes}


class _Placed:
    """Members in the classes that they belong to, counted alike by alike; `left`: those whom no class holds.

    Who was in a class that goes is placed anew, and nobody else: classes before it did not hold them, and those of
    other members stand. So a network of thousands is counted again within a second.
    """

    def __init__(self, classes: list[Mapping[str, Any]], profiles: Sequence[ContextProfile]) -> None:
        self.classes = classes
        self.left: Counter[Alike] = Counter(tuple(all_bands_of(profile).items()) for profile in profiles)
        self.held: dict[str, Counter[Alike]] = {entry["id"]: Counter() for entry in classes}
        self._place()

    def _place(self) -> None:
        for alike in list(self.left):
            found = first_class(dict(alike), self.classes)
            if found is not None:
                self.held[found][alike] += self.left.pop(alike)

    def size(self, entry: Mapping[str, Any]) -> int:
        return self.held[entry["id"]].total()

    def smallest(self) -> Mapping[str, Any]:
        return min(self.classes, key=lambda entry: (self.size(entry), entry["id"]))

    def remove(self, entry: Mapping[str, Any]) -> None:
        self.classes.remove(entry)
        self.left += self.held.pop(entry["id"])
        self._place()

    def append(self, entry: Mapping[str, Any]) -> None:
        if entry not in self.classes:
            self.classes.append(entry)
            self.held[entry["id"]] = Counter()
        self._place()


def class_sizes(profiles: Sequence[ContextProfile], lattice: Mapping[str, Any]) -> dict[str, int]:
    """How many of these members each class holds: for the coordinator's eyes only."""
    placed = _Placed(list(lattice["classes"]), profiles)
    return {entry["id"]: placed.size(entry) for entry in placed.classes}


def _class(bands: Bands) -> dict[str, Any]:
    return {"id": document_sha256(bands)[:CLASS_ID_LENGTH], "bands": bands}


def _coarser(bands: Bands, ranking: Sequence[str]) -> Bands | None:
    """The class with its lowest-ranked banded attribute one step coarser; None for the class of everybody."""
    for attribute in reversed(ranking):
        if bands[attribute] != ANY:
            return {**bands, attribute: _next_coarser(attribute, bands[attribute])}
    return None


def _next_coarser(attribute: str, band: str) -> str:
    for granularity in CONTEXT[attribute].granularities:
        for entry in granularity:
            if entry.id != band and is_within(attribute, band, entry.id):
                return entry.id
    return ANY


def _split(bands: Bands, members: Sequence[Member], k: int, ranking: Sequence[str]) -> list[Bands]:
    """The classes below one, in the order in which a school looks for its own."""
    best_gain, best = 0.0, None
    for rank, attribute in enumerate(ranking):
        parts = _parts(bands[attribute], attribute, members, k)
        weight = (len(ranking) - rank) / len(ranking)
        gain = weight * sum(len(part) * _gain(attribute, bands[attribute], band) for band, part in parts.items())
        if gain > best_gain:
            best_gain, best = gain, (attribute, parts)
    if best is None:
        return [bands]
    attribute, parts = best
    below = [found for band, part in parts.items() for found in _split({**bands, attribute: band}, part, k, ranking)]
    rest = [member for member in members if not any(band in member[attribute] for band in parts)]
    return below + (_split(bands, rest, k, ranking) if rest else [])


def _parts(band: str, attribute: str, members: Sequence[Member], k: int) -> dict[str, list[Member]]:
    """Members by finer band, each part and what is left over of them at least k; empty where no split holds that."""
    parts = {
        finer: [member for member in members if finer in member[attribute]] for finer in _finer_bands(attribute, band)
    }
    kept = {finer: part for finer, part in parts.items() if len(part) >= k}
    left_over = len(members) - sum(len(part) for part in kept.values())
    while kept and 0 < left_over < k:
        smallest = min(kept, key=lambda finer: (len(kept[finer]), finer))
        left_over += len(kept.pop(smallest))
    return kept


def _finer_bands(attribute: str, band: str) -> list[str]:
    """The next finer bands within a band, from the coarsest granularity that has any."""
    for granularity in reversed(CONTEXT[attribute].granularities):
        finer = [entry.id for entry in granularity if entry.id != band and is_within(attribute, entry.id, band)]
        if finer:
            return finer
    return []


def _gain(attribute: str, band: str, finer: str) -> float:
    """How much less is left open: the bits of the finest bands within, as a share of all the attribute's bits."""
    whole = log2(len(CONTEXT[attribute].granularities[0]))
    return (log2(_finest_within(attribute, band)) - log2(_finest_within(attribute, finer))) / whole


def _finest_within(attribute: str, band: str) -> int:
    return sum(is_within(attribute, finest.id, band) for finest in CONTEXT[attribute].granularities[0])
