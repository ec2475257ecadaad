"""An operation of the API by which a network is coordinated: what all of them have in common."""

from typing import Any, Final

from nic_node.web.routes import Api, ApiHandler

COORDINATE: Final = "network.coordinate"


def operation(method: str, path: str, name: str, handler: ApiHandler, summary: str, **more: Any) -> Api:
    """Under `api.networks.{name}`, for coordinators; `more` goes to `Api` as it is."""
    return Api(
        method=method,
        path=path,
        name=f"api.networks.{name}",
        handler=handler,
        permit=COORDINATE,
        tag="network",
        summary=summary,
        **more,
    )
