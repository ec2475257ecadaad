"""A whole network on one machine: real processes, real HTTP, real contexts and series, invented names."""
