"""Where this room answers, and who may call it there."""

from pathlib import Path

from federation.tlog.witness import ADD_CHECKPOINT_MAX_BYTES
from nic_node.mirror.api import api_routes as log_routes
from nic_node.mirror.forks.api import fork_api_routes
from nic_node.mirror.forks.evidence import EVIDENCE_PATH, show_evidence
from nic_node.mirror.forks.pages import fork_pages
from nic_node.mirror.hints import HINT_BYTES, take_hint
from nic_node.mirror.own_rules_pages import own_rules_api, own_rules_pages
from nic_node.mirror.pages import OPERATE, show_log, take_ask_again, take_pull
from nic_node.mirror.serve import show_checkpoint, show_tile, take_checkpoint
from nic_node.mirror.serve_contents import show_blob, show_blobs, show_document
from nic_node.mirror.sources_api import sources_api
from nic_node.web.routes import Api, Route, document, page, peer
from nic_node.web.visitor import PEER, PUBLIC

__all__ = ["TEMPLATES", "api_routes", "page_routes", "peer_routes"]

TEMPLATES = Path(__file__).parent / "templates"
COPY = "/mirror/{origin_sha256:[0-9a-f]{64}}"
SHA256 = "{sha256:[0-9a-f]{64}}"


def page_routes() -> list[Route]:
    return [
        page("GET", "/log", "log.show", show_log, "practices.read"),
        page("POST", "/log/{id}/pull", "log.pull", take_pull, OPERATE),
        page("POST", "/log/{id}/sources/ask-again", "log.ask_source_again", take_ask_again, OPERATE),
        *fork_pages(),
        *own_rules_pages(),
    ]


def api_routes() -> list[Api]:
    return [*log_routes(), *sources_api(), *fork_api_routes(), *own_rules_api()]


def peer_routes() -> list[Route]:
    return [
        peer("POST", "/v1/hints", "log.hints", take_hint, PEER, HINT_BYTES),
        peer("POST", "/witness/add-checkpoint", "log.witness", take_checkpoint, PUBLIC, ADD_CHECKPOINT_MAX_BYTES),
        document(EVIDENCE_PATH, "log.evidence", show_evidence, PUBLIC),
        document(f"{COPY}/checkpoint", "log.copy_checkpoint", show_checkpoint, PUBLIC),
        document(f"{COPY}/tile/{{path:.*}}", "log.copy_tile", show_tile, PUBLIC),
        document(f"{COPY}/documents/{SHA256}", "log.copy_document", show_document, PUBLIC),
        peer("GET", f"{COPY}/blobs/{{path:.*}}", "log.copy_blobs", show_blobs, PEER),
        peer("GET", f"{COPY}/blob/{SHA256}", "log.copy_blob", show_blob, PEER),
    ]
