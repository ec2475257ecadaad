"""What can go wrong inside a node, apart from what a peer's bytes can do (that is `federation.errors`).

NicError
├── NotFound         no such thing here, or not for you to know of
├── NotAllowed       known, but not yours to do
│   └── SignInNeeded nobody is signed in
├── Conflict         it is in a state that forbids this
│   └── Stale        it changed under your hands: read it again, then decide
├── InvalidInput     fields that need another value; `fields` maps a field to its sentences
├── TooLarge         more bytes than this route takes
├── TooMany          too many tries; `retry_after` seconds
├── MachineTrouble   the machine lacks room, or a right, for what the node has to do; tried for ever
├── NotReady         it starts, it stops, or what it stands on does not answer
└── NotConfigured    the operator has something to do first

Each carries one plain sentence that says what is wrong and what to do; of `Stale` that is said to people, who have
a form before them, and programs are told `Stale.FOR_PROGRAMS`. Status codes stand in
`nic_node.web.problems`, exit codes in `nic_node.cli.exits`.
"""

from collections.abc import Mapping, Sequence


class NicError(Exception):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(NicError):
    pass


class NotAllowed(NicError):
    pass


class SignInNeeded(NotAllowed):
    pass


class Conflict(NicError):
    pass


class Stale(Conflict):
    FOR_PROGRAMS = (
        "This changed since you read it, so nothing was done. Read it again, then send your request with what it says "
        "now, its version among it."
    )


class InvalidInput(NicError):
    """Fields that need another value.

    Args:
        fields: field name -> sentences; the name "" stands for the whole form.
        sentence: what to do, in one sentence.
    """

    def __init__(
        self,
        fields: Mapping[str, Sequence[str]],
        sentence: str = "Some fields need another value.",
    ) -> None:
        super().__init__(sentence)
        self.fields: dict[str, list[str]] = {name: list(said) for name, said in fields.items()}


class TooLarge(NicError):
    pass


class TooMany(NicError):
    def __init__(self, sentence: str, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class MachineTrouble(NicError):
    pass


class NotConfigured(NicError):
    pass


class NotReady(NicError):
    pass
