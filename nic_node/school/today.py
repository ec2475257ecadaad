"""Which day it is at the school: its clock's time, in its own zone."""

from datetime import date

from aiohttp import web

from nic_node.clock import day_at
from nic_node.web.context import config, now


def school_day(request: web.Request) -> date:
    return day_at(now(request), config(request).time_zone)
