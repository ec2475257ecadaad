"""Names on the wire: entity ids, log origins, record ids, and the addresses made from them."""

import re

ENTITY_ID_MAX_LENGTH = 200
ENTITY_ID = re.compile(
    r"(?:https://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])"
    r"|http://(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]))"
    r"(?::[1-9][0-9]{0,4})?"
    r"(?:/[A-Za-z0-9._~-]+)*/?",
    re.ASCII,
)
# A signed note's key name holds neither spaces nor "+" (C2SP signed-note); "#" parts origin and index.
ORIGIN = re.compile(r"[!-\"$-*,-~]{1,200}", re.ASCII)
RECORD_ID = re.compile(rf"({ORIGIN.pattern})#(0|[1-9][0-9]{{0,14}})", re.ASCII)
NETWORK_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)


def is_entity_id(text: str) -> bool:
    """Whether text is an entity id by its form: https, lowercase host, no user, query or fragment.

    http passes for loopback hosts only; whether a node accepts those at all is its own setting.
    """
    return len(text) <= ENTITY_ID_MAX_LENGTH and ENTITY_ID.fullmatch(text) is not None


def build_network_id(base_url: str, slug: str) -> str:
    """The entity id of a network on a host: `{host}/net/{slug}`; ValueError for a slug of another form."""
    if not NETWORK_SLUG.fullmatch(slug):
        raise ValueError("a network's short name holds lowercase letters, digits and hyphens only, 64 at most")
    return f"{base_url.rstrip('/')}/net/{slug}"


def build_log_url(network: str, generation: int) -> str:
    """Where a network serves the log of a generation (from 1)."""
    return f"{network}/log/{generation}"


def build_log_origin(network: str, generation: int) -> str:
    """The origin line of a log's checkpoints: its address without the scheme (C2SP tlog-checkpoint)."""
    return build_log_url(network, generation).split("://", 1)[1]


def build_witness_name(entity: str) -> str:
    """The name by which a member's node cosigns: its address without the scheme, and '/witness'."""
    return f"{entity.rstrip('/')}/witness".split("://", 1)[1]


def build_mirror_url(entity: str, origin_sha256: str) -> str:
    """Where a member's node serves its copy of a log."""
    return f"{entity.rstrip('/')}/mirror/{origin_sha256}"


def build_record_id(origin: str, index: int) -> str:
    """The id of the record at an index of a log."""
    return f"{origin}#{index}"


def parse_record_id(record_id: str) -> tuple[str, int]:
    """(origin, index) of a record id; ValueError if it is none."""
    match = RECORD_ID.fullmatch(record_id)
    if match is None:
        raise ValueError("a record id is the log's origin, '#' and an index")
    return match[1], int(match[2])
