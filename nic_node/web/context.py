"""What every handler may ask its application for."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from nic_node.clock import Clock
from nic_node.config import Config
from nic_node.db.engine import Database
from nic_node.web.visitor import Visitor

Shell = Callable[[web.Request], Awaitable[Mapping[str, Any]]]
LoadVisitor = Callable[[web.Request], Awaitable[Visitor | None]]

CONFIG = web.AppKey("config", Config)
DATABASE = web.AppKey("database", Database)
CLOCK: web.AppKey[Clock] = web.AppKey("clock")
WAKE: web.AppKey[Callable[[], None]] = web.AppKey("wake")
"""Tells the worker of this process that a job was enqueued."""
SHELL: web.AppKey[Shell] = web.AppKey("shell")
"""What the page shell shows: school_name, school_year, doors."""
LOAD_VISITOR: web.AppKey[LoadVisitor] = web.AppKey("load_visitor")


def config(request: web.Request) -> Config:
    return request.config_dict[CONFIG]


def database(request: web.Request) -> Database:
    return request.config_dict[DATABASE]


def now(request: web.Request) -> datetime:
    return request.config_dict[CLOCK]()


def wake_worker(request: web.Request) -> None:
    request.config_dict[WAKE]()
