"""Where `nic` starts, and `python -m nic_node.cli`.

What is imported stays, so nothing in it is looked through for garbage: that took two fifths of each start.
"""

import gc

gc.disable()
from nic_node.cli.main import main  # noqa: E402 - see above

gc.freeze()
gc.enable()

__all__ = ["main"]

if __name__ == "__main__":
    main()
