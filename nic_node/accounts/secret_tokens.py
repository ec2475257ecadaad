"""Secrets that a link, a cookie or a program carries: drawn here, kept only as their hash."""

import hashlib
import secrets

TOKEN_BYTES = 32
ACCESS_TOKEN_PREFIX = "nic_"  # noqa: S105 - lets scanners of leaked secrets recognise one


def draw_token() -> str:
    """256 random bits, so that a plain hash of it can't be searched."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", errors="replace")).hexdigest()
