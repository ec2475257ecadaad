"""What the machine shows: the data folder, the operator's key, the disk, the last backup. Blocking, and quick."""

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from nic_node.clock import day_at
from nic_node.config import Config
from nic_node.i18n import N_
from nic_node.keyring.errors import OperatorKeyUnusable
from nic_node.keyring.operator_key import OPEN_TO_OTHERS, OPERATOR_KEY_FILE, OperatorKey, read_operator_key
from nic_node.operations.checks import Check, fail, ok, warn
from nic_node.operations.last_backup import read_last_backup

MIB: Final = 1024 * 1024
DISK_FAILS_UNDER: Final = 256 * MIB
DISK_WARNS_UNDER: Final = 2048 * MIB
BACKUP_WARNS_AFTER: Final = timedelta(days=7)


def check_configuration(config: Config) -> Check:
    """What no parser can see: an address that only this machine has."""
    if config.allow_insecure_loopback:
        return warn(
            "configuration",
            N_("Read without an error, for trying things on one machine: %(url)s."),
            N_("For schools elsewhere set NIC_PUBLIC_URL to the https address that they use."),
            url=config.public_url,
        )
    return ok("configuration", N_("Read without an error. This node is %(url)s."), url=config.public_url)


def check_folder(config: Config) -> Check:
    """The data folder is there, writable, and nobody else's."""
    try:
        mode = config.data.stat().st_mode
    except OSError as error:
        return fail(
            "folder",
            N_("%(folder)s can't be opened: %(why)s."),
            N_("Name the node's folder with --data, or start a node: nic serve."),
            folder=config.data,
            why=error.strerror,
        )
    if mode & OPEN_TO_OTHERS:
        return fail(
            "folder",
            N_("Other accounts of this machine can look into %(folder)s."),
            N_("Run: chmod 700 %(folder)s"),
            folder=config.data,
        )
    if not os.access(config.data, os.W_OK | os.X_OK):
        return fail(
            "folder",
            N_("%(folder)s isn't writable for the account that runs this."),
            N_("Give the folder to the account that runs the node."),
            folder=config.data,
        )
    return ok("folder", N_("%(folder)s is there, and nobody else's."), folder=config.data)


def find_operator_key(config: Config) -> tuple[Check, OperatorKey | None]:
    """The operator's key as a start would read it; none is made."""
    path = config.data / OPERATOR_KEY_FILE
    if config.operator_key is None and not os.path.lexists(path):
        found = fail(
            "operator-key",
            N_("There is no operator's key: neither NIC_OPERATOR_KEY nor %(path)s."),
            N_("Put the key back. A node that was never started makes one at its first start."),
            path=path,
        )
        return found, None
    try:
        key = read_operator_key(value=config.operator_key, path=path)
    except OperatorKeyUnusable as error:
        step = N_("Do what the sentence says. If others could copy the key, make new keys: docs/operations.md.")
        return fail("operator-key", "%(said)s", step, said=error.sentence), None
    source = "NIC_OPERATOR_KEY" if config.operator_key is not None else str(path)
    return ok("operator-key", N_("Read from %(source)s, which only this account can."), source=source), key


def check_disk(config: Config) -> Check:
    usage = shutil.disk_usage(_nearest(config.data))
    values = {"free": f"{usage.free / MIB / 1024:.1f}", "percent": round(100 * usage.free / usage.total)}
    sentence = N_("%(free)s GiB are free, %(percent)s %% of the disk.")
    if usage.free < DISK_FAILS_UNDER:
        return fail("disk", sentence, N_("Make room now: the node can't write much longer."), **values)
    if usage.free < DISK_WARNS_UNDER:
        return warn("disk", sentence, N_("Make room, or give the node a larger disk."), **values)
    return ok("disk", sentence, **values)


def _nearest(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())


def check_backup(config: Config, now: datetime) -> Check:
    last = read_last_backup(config.data)
    step = N_("Run nic backup FILE, and keep the file on another machine.")
    if last is None:
        return warn("backup", N_("No backup was ever made."), step)
    values = {"day": day_at(last.at, config.time_zone).isoformat(), "file": last.file}
    if now - last.at > BACKUP_WARNS_AFTER:
        return warn("backup", N_("The last backup is of %(day)s: %(file)s."), step, **values)
    return ok("backup", N_("The last one is of %(day)s: %(file)s."), **values)
