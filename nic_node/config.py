"""Settings of one node: read once, at the top, into a frozen `Config`.

A setting comes from the environment (`NIC_*`, `DATABASE_URL`), else from `nic.env` in the data folder, else from
its default here. docs/configuration.md lists them all; a test holds it to this file.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from environs import Env, EnvError

from nic_node.errors import NotConfigured

SETTINGS_FILE = "nic.env"
OWN_SETTINGS = ("DATABASE_URL", "NIC_PORT", "NIC_PUBLIC_URL", "NIC_OPERATOR_KEY")
"""What each of several nodes has for itself."""
POLL_SECONDS = 60.0
MOST_KEPT_DAYS = 36_500
SMTP_PORTS = {"starttls": 587, "tls": 465, "none": 25}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
TOKEN = re.compile(r"[!-~]{32,200}")
FROM = re.compile(r"([^<>@,;\r\n]+ <)?[!-~]+@[A-Za-z0-9.-]+(?(1)>)")


Network = IPv4Network | IPv6Network


def _setting(name: str, says: str) -> dict[str, str]:
    return {"env": name, "says": says}


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """The mail server, once one is named.

    Attributes:
        tls: 'starttls', 'tls' (from the first byte) or 'none'.
        seconds: how long one step may take.
        ca_file: certificates to trust instead of the system's, for a server of one's own.
    """

    host: str
    port: int
    tls: str
    user: str | None
    password: str | None = field(repr=False)
    from_address: str
    from_name: str
    seconds: float
    ca_file: str | None


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
    language: str = field(
        metadata=_setting(
            "NIC_LANGUAGE",
            "The language of pages and e-mails where neither their person nor a browser says another: en or es.",
        )
    )
    time_zone: str = field(metadata=_setting("NIC_TIME_ZONE", "The school's time zone, such as America/New_York."))
    poll_seconds: float = field(metadata=_setting("NIC_POLL_SECONDS", "How often the network's log is asked for news."))
    job_seconds: float = field(
        metadata=_setting("NIC_JOB_SECONDS", "How often a worker looks for work when nothing wakes it.")
    )
    log_level: str = field(metadata=_setting("NIC_LOG_LEVEL", "debug, info, warning or error."))
    trusted_proxies: str = field(
        default="127.0.0.1,::1",
        metadata=_setting(
            "NIC_TRUSTED_PROXIES",
            "Addresses and networks of the proxy in front, with commas: from there X-Forwarded-For is believed.",
        ),
    )
    metrics_token: str = field(
        default="",
        repr=False,
        metadata=_setting(
            "NIC_METRICS_TOKEN",
            "32 characters or more that a monitor shows to read /metrics; without it nothing answers there.",
        ),
    )
    kept_page_days: int = field(
        default=2_555,
        metadata=_setting(
            "NIC_KEPT_PAGE_DAYS",
            "How many days a page that left is kept, sealed, after it was approved; then it is erased, unless others"
            " can still read it.",
        ),
    )
    smtp_host: str = field(
        default="", metadata=_setting("NIC_SMTP_HOST", "The mail server; without one, e-mails wait to be sent by hand.")
    )
    smtp_tls: str = field(
        default="starttls",
        metadata=_setting("NIC_SMTP_TLS", "starttls, tls (encrypted from the first byte) or none."),
    )
    smtp_port: int = field(default=0, metadata=_setting("NIC_SMTP_PORT", "Its port."))
    smtp_user: str = field(default="", metadata=_setting("NIC_SMTP_USER", "Whom the mail server knows this node as."))
    smtp_password: str = field(
        default="", repr=False, metadata=_setting("NIC_SMTP_PASSWORD", "The password for the mail server.")
    )
    smtp_from: str = field(
        default="",
        metadata=_setting(
            "NIC_SMTP_FROM", "Who e-mails are from: an address alone, or a name and the address in angle brackets."
        ),
    )
    smtp_seconds: float = field(
        default=20.0, metadata=_setting("NIC_SMTP_SECONDS", "How long one step with the mail server may take.")
    )
    smtp_ca_file: str = field(
        default="",
        metadata=_setting("NIC_SMTP_CA_FILE", "A PEM file to trust instead of the system's, for a server of your own."),
    )

    @property
    def entity_id(self) -> str:
        """The school node's OpenID Federation entity id."""
        return self.public_url

    @property
    def smtp(self) -> Smtp | None:
        """The mail server, or None where there is none."""
        if not self.smtp_host:
            return None
        name, address = parseaddr(self.smtp_from)
        return Smtp(
            host=self.smtp_host,
            port=self.smtp_port or SMTP_PORTS[self.smtp_tls],
            tls=self.smtp_tls,
            user=self.smtp_user or None,
            password=self.smtp_password or None,
            from_address=address,
            from_name=name,
            seconds=self.smtp_seconds,
            ca_file=self.smtp_ca_file or None,
        )

    @property
    def proxies(self) -> tuple[Network, ...]:
        """Where the proxy in front may stand."""
        return _networks(self.trusted_proxies)

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


def folders_in(parent: Path) -> tuple[Path, ...]:
    """The data folders of the nodes that live in a folder: those with settings of their own.

    Raises:
        NotConfigured: there is none.
    """
    found = tuple(sorted(file.parent for file in parent.glob(f"*/{SETTINGS_FILE}")))
    if not found:
        raise NotConfigured(
            f"There is no node in {parent}. Make a folder for each, with a {SETTINGS_FILE} that gives its NIC_PORT."
        )
    return found


def verify_nothing_shared(environ: Mapping[str, str] | None = None) -> None:
    """Of several nodes in one process: what belongs to one of them may not stand where all read it.

    Raises:
        NotConfigured: the sentence names it.
    """
    environ = os.environ if environ is None else environ
    for name in OWN_SETTINGS:
        if environ.get(name):
            raise NotConfigured(
                f"{name} stands in the environment, which all nodes share. Write it into each one's {SETTINGS_FILE}."
            )


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
        "poll_seconds": env.float("NIC_POLL_SECONDS", POLL_SECONDS),
        "job_seconds": env.float("NIC_JOB_SECONDS", 5.0),
        "log_level": env.str("NIC_LOG_LEVEL", "info"),
        "trusted_proxies": env.str("NIC_TRUSTED_PROXIES", "127.0.0.1,::1"),
        "metrics_token": env.str("NIC_METRICS_TOKEN", ""),
        "kept_page_days": env.int("NIC_KEPT_PAGE_DAYS", 2_555),
        "smtp_host": env.str("NIC_SMTP_HOST", ""),
        "smtp_tls": env.str("NIC_SMTP_TLS", "starttls"),
        "smtp_port": env.int("NIC_SMTP_PORT", 0),
        "smtp_user": env.str("NIC_SMTP_USER", ""),
        "smtp_password": env.str("NIC_SMTP_PASSWORD", ""),
        "smtp_from": env.str("NIC_SMTP_FROM", ""),
        "smtp_seconds": env.float("NIC_SMTP_SECONDS", 20.0),
        "smtp_ca_file": env.str("NIC_SMTP_CA_FILE", ""),
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
    if config.metrics_token and not TOKEN.fullmatch(config.metrics_token):
        raise NotConfigured("NIC_METRICS_TOKEN must have 32 to 200 characters, without spaces.")
    _networks(config.trusted_proxies)
    if config.poll_seconds <= 0 or config.job_seconds <= 0:
        raise NotConfigured("NIC_POLL_SECONDS and NIC_JOB_SECONDS must be above 0.")
    if not 1 <= config.kept_page_days <= MOST_KEPT_DAYS:
        raise NotConfigured("NIC_KEPT_PAGE_DAYS must be a number of days, from 1 to 36,500.")
    if config.smtp_host:
        _check_mail(config)


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise NotConfigured(
            "NIC_TRUSTED_PROXIES must be addresses or networks, such as 127.0.0.1,10.0.0.0/8."
        ) from error


def _check_mail(config: Config) -> None:
    if config.smtp_tls not in SMTP_PORTS:
        raise NotConfigured("NIC_SMTP_TLS must be starttls, tls or none.")
    if config.smtp_tls == "none" and config.smtp_password and config.smtp_host not in LOOPBACK:
        raise NotConfigured("NIC_SMTP_TLS=none would send the password readable; use starttls or tls.")
    if not 0 <= config.smtp_port <= 65_535 or not 0 < config.smtp_seconds <= 60:
        raise NotConfigured("NIC_SMTP_PORT must be a port, and NIC_SMTP_SECONDS above 0 and at most 60.")
    if not FROM.fullmatch(config.smtp_from):
        raise NotConfigured("NIC_SMTP_FROM must be an address, such as network@school.example or Name <address>.")
    if config.smtp_ca_file and not Path(config.smtp_ca_file).is_file():
        raise NotConfigured("NIC_SMTP_CA_FILE names a file that is not there.")
