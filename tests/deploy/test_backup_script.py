"""deploy/backup, as its unit calls it: a backup that can be restored, and the newest fourteen."""

import os
import subprocess
import sys
from pathlib import Path

from nic_node.operations.last_backup import read_last_backup
from tests.cli.calls import nic
from tests.deploy.reading import DEPLOY

PASSPHRASE = "four words or rather more"


def back_up(data: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NIC_DATA": str(data), "NIC_BACKUP_PASSPHRASE": PASSPHRASE}
    environment["NIC"] = str(Path(sys.executable).parent / "nic")
    return subprocess.run(
        [DEPLOY / "backup", folder], env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_each_night_one_comes_and_the_oldest_go(tmp_path: Path) -> None:
    data, folder = tmp_path / "node", tmp_path / "back ups"
    folder.mkdir()
    assert nic("init", data=data).code == 0
    old = [folder / f"nic-202601{day:02}T023000Z.backup" for day in range(1, 17)]
    others = [folder / name for name in ("nic-before-the-move.backup", "notes.txt", "nic-20250101T023000Z.backup.txt")]
    for file in (*old, *others):
        file.write_bytes(b"kept")
    ran = back_up(data, folder)
    assert (ran.returncode, ran.stderr) == (0, "")
    last = read_last_backup(data)
    assert last is not None
    made = Path(last.file)
    assert sorted(folder.iterdir()) == sorted([made, *old[-13:], *others])
    assert made.stat().st_mode & 0o777 == 0o600
    settings = {"NIC_BACKUP_PASSPHRASE": PASSPHRASE}
    assert nic("restore", made, data=tmp_path / "elsewhere", settings=settings).code == 0


def test_where_none_is_made_none_goes(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old = [folder / f"nic-202601{day:02}T023000Z.backup" for day in range(1, 17)]
    for file in old:
        file.write_bytes(b"kept")
    assert back_up(tmp_path / "no node", folder).returncode != 0
    assert sorted(folder.iterdir()) == old
