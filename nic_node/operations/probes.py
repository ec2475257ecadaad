"""What watches a node from outside: does it live, is it ready, and how is it in numbers."""

import asyncio
import hmac
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from nic_node.config import Config
from nic_node.db.engine import Database
from nic_node.errors import NotFound, NotReady, SignInNeeded
from nic_node.i18n import N_
from nic_node.operations.counted import Counted
from nic_node.operations.gauges import database_gauges, plain
from nic_node.operations.last_backup import read_last_backup
from nic_node.web import context

PATIENCE_SECONDS: Final = 3.0
"""For the database: whoever asks whether this node is ready asks again within ten."""
REVISION: Final = "SELECT version_num FROM alembic_version"
STOPS: Final = N_("This node is stopping. Another process, or its next start, answers.")
SILENT: Final = N_(
    "The database does not answer. Check that it runs and that its disk has room; this node then goes on by itself."
)
OTHER_TABLES: Final = N_(
    "The database has the tables of {found}, and this program needs those of {head}. Run nic migrate with the newer of"
    " the two programs, and start all processes from it."
)
CLOSED: Final = N_("Nothing is here. An operator opens it with NIC_METRICS_TOKEN.")
WHO: Final = N_("Show the token of NIC_METRICS_TOKEN: Authorization: Bearer TOKEN.")


@dataclass(slots=True, kw_only=True)
class Watched:
    """One node in one process, as its probes see it. `head`: the revision that this program needs."""

    head: str
    counted: Counted
    is_stopping: bool = False


WATCHED = web.AppKey("watched", Watched)


async def health(request: web.Request) -> web.Response:
    """200 as long as the process answers: a restart would not mend a database, so that is no matter of this one."""
    return web.json_response({"status": "ok", "version": version("nic-node")})


async def ready(request: web.Request) -> web.Response:
    """Raises NotReady: it should get no requests now."""
    watched = request.config_dict[WATCHED]
    if why := await why_not_ready(context.database(request), watched):
        raise NotReady(why)
    return web.json_response({"status": "ready"})


async def why_not_ready(database: Database, watched: Watched) -> str:
    """In a sentence or two; "" where nothing is in the way."""
    if watched.is_stopping:
        return STOPS
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            found = (await database.read_rows(text(REVISION), {}))[0][0]
    except (SQLAlchemyError, OSError, IndexError):
        return SILENT
    return "" if found == watched.head else OTHER_TABLES.format(found=found, head=watched.head)


async def metrics(request: web.Request) -> web.Response:
    """Prometheus's text.

    Raises:
        NotFound: no token is set. SignInNeeded: it was not shown.
    """
    config = context.config(request)
    if not config.metrics_token:
        raise NotFound(CLOSED)
    shown = request.headers.get("Authorization", "").partition(" ")
    if shown[0].lower() != "bearer" or not hmac.compare_digest(shown[2].encode(), config.metrics_token.encode()):
        raise SignInNeeded(WHO)
    watched = request.config_dict[WATCHED]
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(watched.counted)
    registry.register(_Found(await _found(request, config, watched)))
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return web.Response(body=encode(registry), headers={"Content-Type": content_type})


class _Found(Collector):
    """What was read for one answer."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families


async def _found(request: web.Request, config: Config, watched: Watched) -> list[Metric]:
    database, now = context.database(request), context.now(request)
    about = GaugeMetricFamily("nic_info", "The program.", labels=["version", "tables"])
    about.add_metric([version("nic-node"), watched.head], 1)
    is_ready = not await why_not_ready(database, watched)
    families = [about, plain("nic_ready", "1 where /readyz answers 200.", is_ready)]
    families += await asyncio.to_thread(_of_machine, config)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), database.reading() as session:
            found = await database_gauges(session, now=now)
    except (SQLAlchemyError, OSError):
        return [*families, plain("nic_database_up", "1 where the database answers.", 0)]
    return [*families, plain("nic_database_up", "1 where the database answers.", 1), *found]


def _of_machine(config: Config) -> list[Metric]:
    usage = shutil.disk_usage(config.data)
    families = [
        plain("nic_disk_free_bytes", "Free on the disk of the data folder.", usage.free),
        plain("nic_disk_bytes", "The size of that disk.", usage.total),
    ]
    last = read_last_backup(config.data)
    if last is not None:
        says = "When the last backup was made; missing where none ever was."
        families.append(plain("nic_last_backup_timestamp_seconds", says, last.at.timestamp()))
    return families
