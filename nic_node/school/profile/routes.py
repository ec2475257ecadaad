"""Where the profile is found."""

from pathlib import Path

from nic_node.school.profile.api import api_routes
from nic_node.school.profile.directory import MAX_DIRECTORY_BYTES
from nic_node.school.profile.pages import show_profile, take_directory, take_profile
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [
        page("GET", "/profile", "profile.show", show_profile, "school.read"),
        page("POST", "/profile", "profile.show", take_profile, "school.write"),
        page("POST", "/profile/directory", "profile.directory", take_directory, "school.write", MAX_DIRECTORY_BYTES),
    ]
