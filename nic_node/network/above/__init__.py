"""The network above a network: belonging to it, and who may read here because its policy says so."""
