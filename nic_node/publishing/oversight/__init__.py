"""The privacy officer's read-only view: what left, who approved it, by which rule; incidents; pages that are kept."""
