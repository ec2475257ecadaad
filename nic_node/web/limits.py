"""A body is read under the limit of its route, and no further."""

from aiohttp import web

from nic_node.errors import TooLarge

SENTENCE = "This is larger than this address takes ({limit} KiB). Send less at once."


async def read_limited(request: web.Request, max_bytes: int) -> bytes:
    """The whole body.

    Raises:
        TooLarge: as soon as it is known, by the announced length or while reading.
    """
    sentence = SENTENCE.format(limit=max_bytes // 1024)
    if request.content_length is not None and request.content_length > max_bytes:
        raise TooLarge(sentence)
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > max_bytes:
            raise TooLarge(sentence)
    return bytes(body)
