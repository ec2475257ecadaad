"""A search as an address holds it."""

from nic_node.commons.rank import DEFAULT_SORT
from nic_node.commons.search import Search
from nic_node.commons.shelf import SEARCH_FACETS

Pairs = list[tuple[str, str]]


def search_pairs(search: Search) -> Pairs:
    """What is as usual is left out."""
    pairs = [("q", search.words)] if search.words else []
    if search.like:
        pairs.append(("like", "1"))
    pairs += [(facet, value) for facet in SEARCH_FACETS for value in search.chosen.get(facet, ())]
    if search.sort != DEFAULT_SORT:
        pairs.append(("sort", search.sort))
    if search.page > 1:
        pairs.append(("page", str(search.page)))
        if search.upto is not None:
            pairs.append(("upto", str(search.upto)))
    return pairs
