"""A PostgreSQL cluster of the tests' own: made, started and stopped here, on a free port of the loopback address."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNPRIVILEGED = "postgres"


def binaries() -> Path:
    """The newest installed server's bin folder (Debian keeps several side by side)."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if found:
        return found[-1]
    on_path = shutil.which("initdb")
    if on_path is None:
        message = "PostgreSQL is not installed; `make setup` as root installs it"
        raise RuntimeError(message)
    return Path(on_path).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _as_owner(command: list[str], folder: Path) -> None:
    """PostgreSQL refuses to run as root, so root hands over to an unprivileged user who owns the folder."""
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    subprocess.run(command, check=True, cwd=folder, user=user, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


@contextmanager
def running_cluster() -> Iterator[str]:
    """Yield `postgresql://...` of a fresh cluster, without a database name."""
    folder = Path(tempfile.mkdtemp(prefix="nic-pg-"))
    port = free_port()
    if os.geteuid() == 0:
        owner = pwd.getpwnam(UNPRIVILEGED)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    tools = binaries()
    data = folder / "data"
    settings = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c full_page_writes=off"
    )
    try:
        _as_owner(
            [str(tools / "initdb"), "-D", str(data), "-U", "nic", "-A", "trust", "-E", "UTF8", "--no-sync"], folder
        )
        _as_owner(
            [str(tools / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", settings, "start"], folder
        )
        try:
            yield f"postgresql://nic@127.0.0.1:{port}"
        finally:
            _as_owner([str(tools / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder)
