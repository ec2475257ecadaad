"""Private keys at rest: sealed under the operator's key, one key for one job, rotated with overlap."""
