"""Where a network's log answers, and to whom."""

from nic_node.network.log.api import api_routes as log_routes
from nic_node.network.log.forks import fork_api_routes, fork_page_routes, fork_peer_routes
from nic_node.network.log.pages import show_epochs, show_log, take_announce
from nic_node.network.log.peers import take_ack, take_blind_sign, take_retraction, take_submission
from nic_node.network.log.serve import ServedCheckpoints, show_acks, show_blob, show_blobs, show_tile
from nic_node.web.routes import KIB, Api, Route, document, page, peer
from nic_node.web.visitor import PEER, PUBLIC

__all__ = ["api_routes", "page_routes", "peer_routes"]

NET = "/net/{slug}"
LOG = NET + "/log/{generation}"


def page_routes() -> list[Route]:
    return [
        page("GET", "/network/{id}/epochs", "network.epochs", show_epochs, "network.coordinate"),
        page("POST", "/network/{id}/epochs", "network.epochs", take_announce, "network.coordinate"),
        page("GET", "/network/{id}/log", "network.log", show_log, "network.coordinate"),
        *fork_page_routes(),
    ]


def api_routes() -> list[Api]:
    return [*log_routes(), *fork_api_routes()]


def peer_routes() -> list[Route]:
    return [
        peer("GET", f"{LOG}/checkpoint", "network.log_checkpoint", ServedCheckpoints().show, PUBLIC),
        document(f"{LOG}/tile/{{path:.*}}", "network.log_tile", show_tile, PUBLIC),
        document(f"{LOG}/acks", "network.log_acks", show_acks, PUBLIC),
        peer("GET", f"{LOG}/blobs/{{path:.*}}", "network.log_blobs", show_blobs, PEER),
        peer("GET", f"{LOG}/blob/{{sha256:[0-9a-f]{{64}}}}", "network.log_blob", show_blob, PEER),
        peer("POST", f"{NET}/v1/submissions", "network.submissions", take_submission, PEER, 64 * KIB),
        peer("POST", f"{NET}/v1/epochs/{{epoch:[0-9]{{1,9}}}}/blind-sign", "network.blind_sign", take_blind_sign, PEER),
        peer("POST", f"{NET}/v1/retractions", "network.retractions", take_retraction, PUBLIC, 8 * KIB),
        peer("POST", f"{NET}/v1/acks", "network.take_acks", take_ack, PEER),
        *fork_peer_routes(),
    ]
