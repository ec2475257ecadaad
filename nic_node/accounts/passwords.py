"""Passwords: which are taken, and Argon2id (RFC 9106) in a thread.

A hash takes tens of milliseconds and `memory_kib`, so it is made before a transaction begins and at most
`AT_ONCE` at a time.
"""

import asyncio
import base64
import secrets
import unicodedata
from dataclasses import dataclass
from typing import NewType

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError, VerifyMismatchError

from nic_node.accounts.common_passwords import COMMON_PASSWORDS, COMMON_STEMS
from nic_node.errors import InvalidInput
from nic_node.i18n import N_

PasswordHash = NewType("PasswordHash", str)

MIN_CHARACTERS = 12
MAX_CHARACTERS = 200
MIN_DIFFERENT_CHARACTERS = 5
AT_ONCE = 2

TOO_SHORT = N_("Use at least 12 characters; a few words that belong together only for you are easy to keep.")
TOO_LONG = N_("Use at most 200 characters.")
IS_EMAIL = N_("Use something else than your e-mail address.")
TOO_COMMON = N_("Many people use this password, so it is tried first. Choose another one.")
TOO_UNIFORM = N_("This repeats the same few characters. Choose another one.")


@dataclass(frozen=True, slots=True)
class Cost:
    """Argon2id's parameters."""

    passes: int
    memory_kib: int
    lanes: int = 1


# OWASP's least is 19 MiB and 2 passes; this is above it and lets two people sign in at once within 64 MiB.
PRODUCTION_COST = Cost(passes=3, memory_kib=32 * 1024)
TEST_COST = Cost(passes=1, memory_kib=64)


class Passwords:
    """Makes and checks password hashes.

    Args:
        cost: hashes of another cost stay valid; `new_cost_hash` renews them.
    """

    def __init__(self, cost: Cost = PRODUCTION_COST) -> None:
        self._hasher = PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._decoy = self._make_decoy(cost)

    async def new_hash(self, password: str, *, email: str) -> PasswordHash:
        """Hash a new password of the person with this e-mail.

        Raises:
            InvalidInput: field 'password', when it would be guessed.
        """
        faults = password_faults(password, email)
        if faults:
            raise InvalidInput({"password": faults})
        async with self._slots:
            return PasswordHash(await asyncio.to_thread(self._hasher.hash, _normal(password)))

    async def is_right(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the one hashed. Without a hash the answer is no, after as much work as with one."""
        async with self._slots:
            matches = await asyncio.to_thread(self._matches, password_hash or self._decoy, _normal(password))
        return matches and password_hash is not None

    async def new_cost_hash(self, password_hash: str, password: str) -> PasswordHash | None:
        """The same password at today's cost, when `password_hash` was made at another."""
        if not self._hasher.check_needs_rehash(password_hash):
            return None
        async with self._slots:
            return PasswordHash(await asyncio.to_thread(self._hasher.hash, _normal(password)))

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerifyMismatchError, VerificationError):
            return False

    def _make_decoy(self, cost: Cost) -> str:
        """A well-formed hash of no known password; checking against it takes as long as against a real one."""
        salt, digest = (_encode(secrets.token_bytes(n)) for n in (self._hasher.salt_len, self._hasher.hash_len))
        return f"$argon2id$v=19$m={cost.memory_kib},t={cost.passes},p={cost.lanes}${salt}${digest}"


def password_faults(password: str, email: str) -> list[str]:
    """Sentences that say why this password is not taken; none if it is."""
    password = _normal(password)
    folded = password.casefold()
    faults = []
    if len(password) < MIN_CHARACTERS:
        faults.append(TOO_SHORT)
    if len(password) > MAX_CHARACTERS:
        faults.append(TOO_LONG)
    if folded and email and folded in (email.casefold(), email.casefold().split("@")[0]):
        faults.append(IS_EMAIL)
    if folded in COMMON_PASSWORDS or folded.rstrip("0123456789!?.*#") in COMMON_STEMS:
        faults.append(TOO_COMMON)
    elif password and len(set(folded)) < MIN_DIFFERENT_CHARACTERS:
        faults.append(TOO_UNIFORM)
    return faults


def _normal(password: str) -> str:
    """One form of what looks the same, whichever keyboard typed it (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password).strip()


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")
