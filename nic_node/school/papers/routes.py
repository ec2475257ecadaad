"""Where papers are found."""

from pathlib import Path

from nic_node.school.papers.api import api_routes
from nic_node.school.papers.form_pages import LARGEST_FORM, show_form, take_form_file
from nic_node.school.papers.pages import show_paper, show_papers
from nic_node.school.papers.words_pages import show_words, take_words
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [
        page("GET", "/papers", "papers.index", show_papers, "school.read"),
        page("GET", "/papers/form", "papers.form", show_form, "plan.read"),
        page("POST", "/papers/form", "papers.form", take_form_file, "plan.read", max_bytes=LARGEST_FORM),
        page("GET", "/papers/words", "papers.words", show_words, "communication.write"),
        page("POST", "/papers/words", "papers.words", take_words, "communication.write"),
        page("GET", "/papers/plan", "papers.plan", show_paper("plan"), "plan.read"),
        page("GET", "/papers/whole-plan", "papers.whole_plan", show_paper("whole-plan"), "plan.read"),
        page("GET", "/papers/projects/{id}", "papers.project", show_paper("project"), "projects.read"),
        page("GET", "/papers/board", "papers.board", show_paper("board"), "return.read"),
        page("GET", "/papers/handover", "papers.handover", show_paper("handover"), "handover.read"),
        page("GET", "/papers/minutes/{id}", "papers.minutes", show_paper("minutes"), "meetings.read"),
    ]
