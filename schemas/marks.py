"""gettext's mark for the sentences and labels of this package; nic_node translates them when it shows them."""


def N_(sentence: str) -> str:  # noqa: N802 - the customary name of gettext's mark
    """Mark a sentence for the catalogue without translating it yet."""
    return sentence
