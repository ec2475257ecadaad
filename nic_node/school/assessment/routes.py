"""Where self-assessments are found."""

from pathlib import Path

from nic_node.school.assessment import pages
from nic_node.school.assessment.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, WRITE = "assessment.read", "assessment.write"


def page_routes() -> list[Route]:
    at = "/self-assessment/{id}"
    return [
        page("GET", "/self-assessment", "assessment.index", pages.show_assessments, READ),
        page("GET", "/self-assessment/new", "assessment.new", pages.new_assessment, WRITE),
        page("POST", "/self-assessment/new", "assessment.new", pages.take_new_assessment, WRITE),
        page("GET", at, "assessment.show", pages.show_assessment, READ),
        page("POST", f"{at}/ratings", "assessment.ratings", pages.take_ratings, WRITE),
        page("POST", f"{at}/answers", "assessment.answers", pages.take_answers, WRITE),
    ]
