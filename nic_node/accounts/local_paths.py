"""Where to go after signing in: a path of this node, and nowhere else."""

HOME = "/"


def local_path(wanted: str | None) -> str:
    """`wanted` if it is a path on this node, else the front door.

    Browsers also take two slashes, a slash and a backslash, or slashes with a tab between for another site's start.
    """
    if not wanted or not wanted.startswith("/") or wanted.startswith("//"):
        return HOME
    return wanted if wanted.isprintable() and "\\" not in wanted else HOME
