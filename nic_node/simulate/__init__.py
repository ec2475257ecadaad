"""A federation in virtual time: the protocol's own code between thousands of nodes, from a seed, without a clock."""
