"""Where to go after signing in: a path of this node, and nowhere else."""

from urllib.parse import urlsplit

HOME = "/"


def local_path(wanted: str | None) -> str:
    """`wanted` if it is a path on this node, else the front door.

    Browsers also take two slashes, a slash and a backslash, or slashes with a tab between for another site's start.
    """
    if not wanted or not wanted.startswith("/") or not wanted.isprintable() or "\\" in wanted:
        return HOME
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return HOME
    if parts.scheme or parts.netloc or parts.path.startswith("//"):
        return HOME
    return wanted
