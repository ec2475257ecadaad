"""Where this room answers."""

from pathlib import Path

from nic_node.operations.pages import OPERATE, api_routes, show_status
from nic_node.operations.probes import health, metrics, ready
from nic_node.web.routes import Route, page, probe
from nic_node.web.visitor import PUBLIC

__all__ = ["TEMPLATES", "api_routes", "page_routes", "probe_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [page("GET", "/node", "operations.status", show_status, OPERATE)]


def probe_routes() -> list[Route]:
    """Of every process of a node, of one that only works too."""
    return [
        probe("/healthz", "operations.health", health, PUBLIC),
        probe("/readyz", "operations.ready", ready, PUBLIC),
        probe("/metrics", "operations.metrics", metrics, PUBLIC),
    ]
