"""Telling a network's coordinators that a record should be looked at, as anonymously as everything else."""
