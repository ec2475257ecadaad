"""Where the plan is found."""

from pathlib import Path

from nic_node.school.plan.api import api_routes
from nic_node.school.plan.pages import (
    edit_goal,
    edit_plan,
    new_goal,
    show_plan,
    take_goal,
    take_new_goal,
    take_plan,
)
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [
        page("GET", "/plan", "plan.show", show_plan, "plan.read"),
        page("GET", "/plan/edit", "plan.edit", edit_plan, "plan.write"),
        page("POST", "/plan/edit", "plan.edit", take_plan, "plan.write"),
        page("GET", "/plan/goals/new", "plan.new_goal", new_goal, "plan.write"),
        page("POST", "/plan/goals/new", "plan.new_goal", take_new_goal, "plan.write"),
        page("GET", "/plan/goals/{id}", "plan.goal", edit_goal, "plan.write"),
        page("POST", "/plan/goals/{id}", "plan.goal", take_goal, "plan.write"),
    ]
