"""Who works here, what each may do, how they come in, and what was changed by whom."""
