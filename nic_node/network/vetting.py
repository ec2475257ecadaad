"""The six checks of an application, side by side: what each found, and which of them still need a person.

Pure: from what the network keeps to verdicts. `ask_host` in `vet.py` is what asks.

    entity      its address answers with an entity configuration
    keys        it serves the keys of the application
    host        its address lies in its district's domain, by the directory
    directory   the school stands in the directory that a coordinator imported
    code        the one-time code came back that a coordinator gave through a published contact
    policy      it accepted the charter of today, and the policy of today or the one in force
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from nic_node.i18n import N_
from nic_node.network.fold import words_of_name
from nic_node.network.tables import DirectoryEntry, Member, Network

CheckState = Literal["ok", "wait", "bad"]
CHECK_LABELS: Final = {
    "entity": N_("Entity resolves"),
    "keys": N_("Keys match"),
    "host": N_("Host in district’s domain"),
    "directory": N_("In the school directory"),
    "code": N_("Code confirmed"),
    "policy": N_("Policy accepted"),
}
CHECK_MEANINGS: Final = {
    "entity": N_(
        "The address answers with a signed statement of who it is. If it does not: the node is down, or the address is"
        " wrong. Ask it again, or call the school."
    ),
    "keys": N_(
        "The host serves the very keys that signed the application. If they differ, somebody applied in the school’s"
        " name, or it was installed anew since: it applies again."
    ),
    "host": N_(
        "The address lies under the district’s own domain, which the directory names. Many are hosted elsewhere:"
        " find out who runs the host, then settle it."
    ),
    "directory": N_(
        "The directory that you imported has this id under this name. Without a directory, look the school up and"
        " settle it."
    ),
    "code": N_(
        "You gave a one-time code through the contact on the school’s own web site, and its node sent it back: the"
        " people there want this."
    ),
    "policy": N_(
        "It accepted the charter of today, and the policy of today or the one in force."
        " Who accepted older ones applies again."
    ),
}
"""What each check tells, and what to do where it does not pass."""
REJECTED_FOR: Final = {
    "keys": "keys-unconfirmed",
    "entity": "keys-unconfirmed",
    "policy": "policy-not-accepted",
    "directory": "not-eligible",
    "code": "identity-unconfirmed",
    "host": "identity-unconfirmed",
}
"""The reason that is offered first when this check does not pass, in this order of weight."""
ABBREVIATIONS: Final = {
    "hs": "high", "ms": "middle", "es": "elementary", "el": "elementary", "elem": "elementary", "jr": "junior",
    "sr": "senior", "st": "saint", "mt": "mount", "ctr": "center", "acad": "academy",
}  # fmt: skip
"""How directories shorten the names of schools."""
SAY_NOTHING: Final = frozenset({"school", "the", "of", "at", "and"})
SETTLED_BY_PERSON: Final = frozenset({"host", "directory"})
"""A coordinator who looked into it may settle these; the others settle themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check: its verdict, in a word or two, and what stands behind it.

    Attributes:
        text, note: sentences for the catalogue, with `values` to put in.
        moment: when it was found, where that is worth showing.
    """

    name: str
    state: CheckState
    text: str
    note: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    moment: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetting:
    """All checks of one application, in the order of CHECK_LABELS."""

    checks: Sequence[Check]

    def count(self, state: CheckState) -> int:
        return sum(check.state == state for check in self.checks)

    @property
    def passes(self) -> bool:
        return self.count("ok") == len(self.checks)

    @property
    def rejection(self) -> str:
        """The reason that fits what does not pass, of the vocabulary's membership reasons."""
        order = {"bad": 0, "wait": 1}
        stopping = sorted((check for check in self.checks if check.state != "ok"), key=lambda one: order[one.state])
        return REJECTED_FOR[stopping[0].name] if stopping else ""

    def named(self, name: str) -> Check:
        return next(check for check in self.checks if check.name == name)


def vet(
    member: Member, network: Network, entry: DirectoryEntry | None, *, has_directory: bool, in_force: str
) -> Vetting:
    """What is known of an application by now.

    Args:
        entry: the directory's row with the school's id.
        in_force: the hash of the policy by which is decided today.
    """
    return Vetting(
        checks=(
            _check_entity(member),
            _check_keys(member),
            _settled(member, "host") or _check_host(member, entry),
            _settled(member, "directory") or _check_directory(member, entry, has_directory=has_directory),
            _check_code(member),
            _check_policy(member, network, in_force),
        )
    )


def _check_entity(member: Member) -> Check:
    found = member.found
    if found is None:
        return Check(name="entity", state="wait", text=N_("Not asked yet"), note=N_("its host is asked in a moment"))
    if found["problem"]:
        # The sentence comes from our own client or verifier, not from the peer.
        return Check(name="entity", state="bad", text=N_("Does not resolve"), note=found["problem"])
    seconds = {"seconds": f"{found['seconds']:.1f}"}
    return Check(
        name="entity", state="ok", text=N_("Resolved"), note=N_("in %(seconds)s s"), values=seconds,
        moment=member.found_at,
    )  # fmt: skip


def _check_keys(member: Member) -> Check:
    found = member.found
    if found is None or found["problem"]:
        return Check(name="keys", state="wait", text=N_("Not seen yet"), note=N_("its host has shown no keys"))
    if set(found["kids"]) == set(member.keys) and set(found["http_kids"]) == set(member.http_keys):
        return Check(name="keys", state="ok", text=N_("Same keys"), note=N_("served by its host"))
    return Check(name="keys", state="bad", text=N_("Differ"), note=N_("the host serves another key"))


def _check_host(member: Member, entry: DirectoryEntry | None) -> Check:
    host = urlsplit(member.entity).hostname or ""
    if entry is None or not entry.domain:
        return Check(
            name="host", state="wait", text=N_("Not known"), note=N_("no domain of its district for %(host)s"),
            values={"host": host},
        )  # fmt: skip
    if host == entry.domain or host.endswith(f".{entry.domain}"):
        return Check(
            name="host", state="ok", text=N_("Yes"), note=N_("under %(domain)s"), values={"domain": entry.domain}
        )
    return Check(
        name="host", state="wait", text=N_("Not under it"), note=N_("%(host)s is not under %(domain)s"),
        values={"host": host, "domain": entry.domain},
    )  # fmt: skip


def _check_directory(member: Member, entry: DirectoryEntry | None, *, has_directory: bool) -> Check:
    if not has_directory:
        return Check(
            name="directory", state="wait", text=N_("No directory"), note=N_("import one, or look the school up")
        )
    directory_id = member.profile.get("directory_id")
    if directory_id is None:
        return Check(
            name="directory", state="wait", text=N_("No id given"), note=N_("the school wrote no directory id")
        )
    if entry is None:
        return Check(
            name="directory", state="bad", text=N_("Not found"), note=N_("no such id: %(id)s"),
            values={"id": directory_id},
        )  # fmt: skip
    if not is_same_name(entry.name, member.name):
        return Check(
            name="directory", state="wait", text=N_("Another name"), note=N_("there it is %(name)s"),
            values={"name": entry.name},
        )  # fmt: skip
    facts = {"facts": ", ".join(filter(None, (entry.level.lower(), entry.district))) or entry.name}
    if entry.enrolment is None:
        return Check(name="directory", state="ok", text=N_("Found"), note="%(facts)s", values=facts)
    return Check(
        name="directory", state="ok", text=N_("Found"), note=N_("%(facts)s, %(n)s students"),
        values={**facts, "n": entry.enrolment},
    )  # fmt: skip


def is_same_name(one: str, other: str) -> bool:
    """Whether one name says what the other says, however both are spelled and shortened."""
    told = [{ABBREVIATIONS.get(word, word) for word in words_of_name(name)} - SAY_NOTHING for name in (one, other)]
    return bool(told[0] and told[1]) and (told[0] <= told[1] or told[1] <= told[0])


def _check_code(member: Member) -> Check:
    if member.confirmed_at is not None:
        return Check(
            name="code", state="ok", text=N_("Confirmed"), note=N_("sent by its node"), moment=member.confirmed_at
        )
    if member.code_given_at is not None:
        return Check(name="code", state="wait", text=N_("Waiting"), note=N_("code given"), moment=member.code_given_at)
    return Check(
        name="code", state="wait", text=N_("Not given yet"), note=N_("give it through the school’s published contact")
    )


def _check_policy(member: Member, network: Network, in_force: str) -> Check:
    if member.charter_sha256 == network.charter_sha256 and member.policy_sha256 in (network.policy_sha256, in_force):
        is_today = member.policy_sha256 == network.policy_sha256
        note = N_("as it stands today") if is_today else N_("the one in force; a newer one waits for its epoch")
        return Check(name="policy", state="ok", text=N_("Accepted"), note=note, moment=member.applied_at)
    return Check(name="policy", state="bad", text=N_("An earlier one"), note=N_("policy or charter have changed since"))


def _settled(member: Member, name: str) -> Check | None:
    settled = member.settled.get(name)
    if settled is None:
        return None
    note = N_("%(note)s, says %(who)s") if settled.get("note") else N_("looked into by %(who)s")
    values = {"who": settled["by"], "note": settled.get("note", "")}
    return Check(name=name, state="ok", text=N_("Settled"), note=note, values=values)
