"""Where today is found."""

from nic_node.today.api import api_routes
from nic_node.today.pages import TEMPLATES, page_routes

__all__ = ["TEMPLATES", "api_routes", "page_routes"]
