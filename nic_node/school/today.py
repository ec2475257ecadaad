"""Which day it is at the school: its clock's time, in its own zone."""

from datetime import date
from zoneinfo import ZoneInfo

from aiohttp import web

from nic_node.web.context import config, now


def school_day(request: web.Request) -> date:
    return now(request).astimezone(ZoneInfo(config(request).time_zone)).date()
