"""Questions, answers and calls, as the mirrored logs tell them."""
