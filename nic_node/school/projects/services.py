"""What the rooms above tell the projects: app passes it in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

HasLeft = Callable[[AsyncSession, int], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectServices:
    """Attributes: has_left(session, project id), whether what came of a project is on its way out or published."""

    has_left: HasLeft


PROJECTS = web.AppKey("projects", ProjectServices)


def project_services(request: web.Request) -> ProjectServices:
    return request.config_dict[PROJECTS]
