"""Engine, sessions, jobs and migrations: all that knows which database it is."""
