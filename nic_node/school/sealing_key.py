"""The key under which rooms seal what nobody but its own people may read; app puts it there."""

from aiohttp import web

from nic_node.keyring.operator_key import OperatorKey

KEY = web.AppKey("school_sealing_key", OperatorKey)


def sealing_key(request: web.Request) -> OperatorKey:
    return request.config_dict[KEY]
