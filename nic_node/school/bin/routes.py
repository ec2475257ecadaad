"""Where the bin is found, and what can be removed."""

from pathlib import Path

from nic_node.school.bin.api import api_routes
from nic_node.school.bin.pages import show_bin, take_removal_of, take_restore
from nic_node.school.bin.removable import REMOVABLE
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    removals = [
        page("POST", f"/bin/{kind}/{{id}}", f"bin.remove_{kind}", take_removal_of(kind), removable.permit)
        for kind, removable in REMOVABLE.items()
    ]
    return [
        page("GET", "/bin", "bin.show", show_bin, "bin.read"),
        page("POST", "/bin/{id}/restore", "bin.restore", take_restore, "bin.read"),
        *removals,
    ]
