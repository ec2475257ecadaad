"""Who can reach whom now: nodes that run, islands of a partition, and whether the network's server is there."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Reach:
    """What keeps a request from arriving.

    Attributes:
        running: nodes that are switched on.
        cut_off: nodes on the other side of a partition.
        is_network_up: whether the network's server answers.
    """

    running: set[int] = field(default_factory=set)
    cut_off: set[int] = field(default_factory=set)
    is_network_up: bool = True

    def to_network(self, school: int) -> bool:
        return self.is_network_up and school in self.running and school not in self.cut_off

    def between(self, one: int, other: int) -> bool:
        is_same_side = (one in self.cut_off) == (other in self.cut_off)
        return is_same_side and one in self.running and other in self.running
