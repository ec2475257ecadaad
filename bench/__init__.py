"""Benchmarks: each compares what we do with the least that could do it, interleaved in one run."""
