"""What can go wrong with keys at rest.

NotConfigured
├── OperatorKeyUnusable   the operator's key is missing, malformed or readable by others
└── WrongOperatorKey      these bytes were sealed under another operator's key
NicError
└── SealBroken            sealed bytes were altered, cut, or moved to another place
"""

from nic_node.errors import NicError, NotConfigured


class OperatorKeyUnusable(NotConfigured):
    pass


class WrongOperatorKey(NotConfigured):
    pass


class SealBroken(NicError):
    pass
