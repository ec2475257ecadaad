"""HTTP between nodes: out, to addresses that somebody else named; in, signed by RFC 9421."""
