"""Looking after a node: how it is, and keeping a copy of it."""
