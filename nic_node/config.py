"""Settings of one node: read once, at the top, into a frozen `Config`.

A setting comes from the environment (`NIC_*`, `DATABASE_URL`), else from `nic.env` in the data folder, else from
its default here. docs/configuration.md lists them all; a test holds it to this file.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from environs import Env, EnvError

from nic_node.errors import NotConfigured

SETTINGS_FILE = "nic.env"


def _setting(name: str, says: str) -> dict[str, str]:
    return {"env": name, "says": says}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    data: Path = field(metadata=_setting("NIC_DATA", "The data folder; nothing is written outside it."))
    database_url: str = field(
        metadata=_setting(
            "DATABASE_URL", "PostgreSQL (postgresql://...) instead of the SQLite file in the data folder."
        )
    )
    host: str = field(metadata=_setting("NIC_HOST", "The address to listen on."))
    port: int = field(metadata=_setting("NIC_PORT", "The port to listen on; 0 takes a free one."))
    public_url: str = field(
        metadata=_setting(
            "NIC_PUBLIC_URL", "The address that others use, without a trailing slash; the node's entity id."
        )
    )
    allow_insecure_loopback: bool = field(
        metadata=_setting(
            "NIC_ALLOW_INSECURE_LOOPBACK", "Accept http and loopback peers: for trying things on one machine."
        )
    )
    operator_key: str | None = field(
        metadata=_setting(
            "NIC_OPERATOR_KEY", "32 bytes, base64url: encrypts private keys at rest; else the file operator.key."
        )
    )
    language: str = field(metadata=_setting("NIC_LANGUAGE", "The language of pages: en."))
    time_zone: str = field(metadata=_setting("NIC_TIME_ZONE", "The school's time zone, such as America/New_York."))
    poll_seconds: float = field(metadata=_setting("NIC_POLL_SECONDS", "How often the network's log is asked for news."))
    job_seconds: float = field(
        metadata=_setting("NIC_JOB_SECONDS", "How often a worker looks for work when nothing wakes it.")
    )
    log_level: str = field(metadata=_setting("NIC_LOG_LEVEL", "debug, info, warning or error."))

    @property
    def entity_id(self) -> str:
        """The school node's OpenID Federation entity id."""
        return self.public_url

    @property
    def secure_cookies(self) -> bool:
        return self.public_url.startswith("https://")


def setting_names() -> dict[str, str]:
    """Environment name -> what it says, in the order of `Config`."""
    return {item.metadata["env"]: item.metadata["says"] for item in fields(Config)}


def read_config(
    data: Path | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    host: str | None = None,
    port: int | None = None,
) -> Config:
    """Read the settings of the node that lives in `data`.

    Args:
        host: wins over every other source, as does `port`: what a command line said.

    Raises:
        NotConfigured: a setting is malformed; the sentence names it.
    """
    environ = os.environ if environ is None else environ
    folder = Path(data or environ.get("NIC_DATA") or "nic-data").absolute()
    file = folder / SETTINGS_FILE
    stored = {name: value for name, value in dotenv_values(file).items() if value is not None} if file.exists() else {}
    known = setting_names()
    for name in stored:
        if name not in known:
            raise NotConfigured(
                f"{file} has a setting that nobody knows: {name}. docs/configuration.md lists them all."
            )
    said = {name: str(value) for name, value in (("NIC_HOST", host), ("NIC_PORT", port)) if value is not None}
    try:
        values = _parse(_Env({**stored, **environ, **said}), folder)
    except EnvError as error:
        raise NotConfigured(f"A setting can't be read: {error}. docs/configuration.md says what each takes.") from error
    config = Config(**values)
    _check(config)
    return config


class _Env(Env):
    """environs over a mapping that we give it, not over the process's environment."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(eager=True)
        self._given = values

    def _get_value(self, env_key: str, default: object) -> object:
        return self._given.get(env_key, default)


def _parse(env: _Env, folder: Path) -> dict[str, Any]:
    port = env.int("NIC_PORT", 8000)
    host = env.str("NIC_HOST", "127.0.0.1")
    public_url = env.str("NIC_PUBLIC_URL", "")
    return {
        "data": folder,
        "database_url": env.str("DATABASE_URL", "") or f"sqlite:///{folder / 'nic.sqlite3'}",
        "host": host,
        "port": port,
        "public_url": public_url or f"http://{host}:{port}",
        # Without a public address the node talks to this machine alone, so loopback is all there is.
        "allow_insecure_loopback": env.bool("NIC_ALLOW_INSECURE_LOOPBACK", not public_url),
        "operator_key": env.str("NIC_OPERATOR_KEY", "") or None,
        "language": env.str("NIC_LANGUAGE", "en"),
        "time_zone": env.str("NIC_TIME_ZONE", "America/New_York"),
        "poll_seconds": env.float("NIC_POLL_SECONDS", 60.0),
        "job_seconds": env.float("NIC_JOB_SECONDS", 5.0),
        "log_level": env.str("NIC_LOG_LEVEL", "info"),
    }


def _check(config: Config) -> None:
    parts = urlsplit(config.public_url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.path or parts.query:
        raise NotConfigured("NIC_PUBLIC_URL must be an address such as https://school.example.org, without a path.")
    if parts.scheme == "http" and not config.allow_insecure_loopback:
        raise NotConfigured(
            "NIC_PUBLIC_URL must begin with https://, or set NIC_ALLOW_INSECURE_LOOPBACK=1 to try things."
        )
    try:
        ZoneInfo(config.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise NotConfigured("NIC_TIME_ZONE must be a zone such as America/New_York.") from error
    if config.log_level not in ("debug", "info", "warning", "error"):
        raise NotConfigured("NIC_LOG_LEVEL must be debug, info, warning or error.")
    if config.poll_seconds <= 0 or config.job_seconds <= 0:
        raise NotConfigured("NIC_POLL_SECONDS and NIC_JOB_SECONDS must be above 0.")
