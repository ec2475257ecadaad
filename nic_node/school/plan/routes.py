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
from nic_node.school.plan.paste_pages import show_paste, take_paste, take_rows
from nic_node.school.plan.pasted import PASTE_BYTES
from nic_node.school.plan.support_pages import show_support, take_new_support, take_support
from nic_node.school.plan.year_pages import show_roll_over, take_roll_over
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [
        page("GET", "/plan", "plan.show", show_plan, "plan.read"),
        page("GET", "/plan/edit", "plan.edit", edit_plan, "plan.write"),
        page("POST", "/plan/edit", "plan.edit", take_plan, "plan.write"),
        page("GET", "/plan/paste", "plan.paste", show_paste, "plan.write"),
        page("POST", "/plan/paste", "plan.paste", take_paste, "plan.write", max_bytes=PASTE_BYTES),
        page("POST", "/plan/paste/keep", "plan.pasted", take_rows, "plan.write", max_bytes=PASTE_BYTES),
        page("GET", "/plan/roll-over", "plan.roll_over", show_roll_over, "plan.write"),
        page("POST", "/plan/roll-over", "plan.roll_over", take_roll_over, "plan.write"),
        page("GET", "/plan/goals/new", "plan.new_goal", new_goal, "plan.write"),
        page("POST", "/plan/goals/new", "plan.new_goal", take_new_goal, "plan.write"),
        page("GET", "/plan/goals/{id}", "plan.goal", edit_goal, "plan.write"),
        page("POST", "/plan/goals/{id}", "plan.goal", take_goal, "plan.write"),
        page("POST", "/plan/goals/{id}/supports", "plan.supports", take_new_support, "plan.write"),
        page("GET", "/plan/supports/{id}", "plan.support", show_support, "plan.write"),
        page("POST", "/plan/supports/{id}", "plan.support", take_support, "plan.write"),
    ]
