"""The addresses that belong to no room: help, and the description of the API."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aiohttp import web

from nic_node.app.shell import rooms_of
from nic_node.web.api import PREFIX, openapi_document
from nic_node.web.application import ROUTES
from nic_node.web.routes import Api, Route, document, page
from nic_node.web.templating import render
from nic_node.web.visitor import PUBLIC

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [
        document(f"{PREFIX}/openapi.json", "app.openapi", openapi, PUBLIC),
        page("GET", "/api/docs", "app.api_docs", api_docs, PUBLIC),
        page("GET", "/help", "app.help", help_page, PUBLIC),
        page("GET", "/rooms", "app.rooms", show_rooms, "school.read"),
    ]


async def openapi(request: web.Request) -> web.Response:
    return web.Response(text=json.dumps(describe_api(request), ensure_ascii=False), content_type="application/json")


async def api_docs(request: web.Request) -> web.Response:
    """The API, readable without a script: one section a room, one entry an operation."""
    described = describe_api(request)
    rooms: dict[str, list[dict[str, Any]]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            entry = {"method": method.upper(), "path": path, **operation}
            rooms.setdefault(operation["tags"][0], []).append(entry)
    return await render(request, "app/api_docs.html", {"rooms": rooms, "schemas": described["components"]["schemas"]})


async def help_page(request: web.Request) -> web.Response:
    return await render(request, "app/help.html")


async def show_rooms(request: web.Request) -> web.Response:
    return await render(request, "app/rooms.html", {"groups": rooms_of(request)})


def describe_api(request: web.Request) -> dict[str, Any]:
    operations = [route for route in request.app[ROUTES].values() if isinstance(route, Api)]
    return openapi_document(operations, version("nic-node"))
