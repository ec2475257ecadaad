"""The units of deploy/systemd and the settings that go with them: checked by systemd itself, and true of the program."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nic_node.app.serve import SHUTDOWN_SECONDS
from nic_node.config import read_config, setting_names
from nic_node.errors import NotConfigured
from tests.deploy.reading import DEPLOY, NO_SETTINGS, ROOT, is_call, settings_in

UNITS = DEPLOY / "systemd"
INSTALLED = "/opt/nic-node"
EXPOSED_AT_MOST = 1.5
"""Of 10, as `systemd-analyze security` counts."""
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd is not installed (deploy/system-packages systemd)")


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """Section -> key -> its values, in their order."""
    found: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] = {}
    for line in (UNITS / name).read_text().splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return found


def placed(folder: Path) -> Path:
    """The units with this repository and its environment as where they are installed: systemd wants programs to exist."""
    for file in UNITS.iterdir():
        text = file.read_text().replace(f"{INSTALLED}/.venv/bin", str(Path(sys.executable).parent))
        (folder / file.name).write_text(text.replace(INSTALLED, str(ROOT)))
    return folder


@needs_systemd
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    names = sorted(file.name for file in UNITS.iterdir())
    assert names == ["nic-backup.service", "nic-backup.timer", "nic.service"]
    placed(tmp_path)
    assert analyzed("verify", *(str(tmp_path / name) for name in names)) == ""
    text = (tmp_path / "nic.service").read_text().replace("NoNewPrivileges=", "NoNewPrivilege=")
    (tmp_path / "nic.service").write_text(text)
    assert "NoNewPrivilege" in analyzed("verify", str(tmp_path / "nic.service"))


def analyzed(*words: str) -> str:
    """What systemd says about our units; about those of this machine it may say what it likes."""
    assert ANALYZE is not None
    ran = subprocess.run([ANALYZE, "--man=no", *words], capture_output=True, text=True, check=False)
    return "\n".join(
        line for line in (ran.stdout + ran.stderr).splitlines() if "nic.service" in line or "nic-backup" in line
    )


@needs_systemd
@pytest.mark.parametrize("name", ["nic.service", "nic-backup.service"])
def test_little_is_exposed(name: str) -> None:
    assert ANALYZE is not None
    ran = subprocess.run(
        [ANALYZE, "security", "--offline=yes", "--no-pager", UNITS / name], capture_output=True, text=True, check=True
    )
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", ran.stdout)
    assert exposure is not None
    assert float(exposure[1]) <= EXPOSED_AT_MOST


def test_both_services_are_held_alike() -> None:
    """A backup has no more rights than the node."""
    own = {"Type", "ExecStart", "Environment", "EnvironmentFile", "StateDirectory", "Restart", "RestartSec"}
    own |= {"TimeoutStopSec", "TimeoutStartSec", "LimitNOFILE"}
    serving, backing_up = (unit(name)["Service"] for name in ("nic.service", "nic-backup.service"))
    assert {key: value for key, value in serving.items() if key not in own} == {
        key: value for key, value in backing_up.items() if key not in own
    }


def test_what_is_started_exists_and_stops_in_time() -> None:
    serving, backing_up = (unit(name)["Service"] for name in ("nic.service", "nic-backup.service"))
    program, *words = serving["ExecStart"][0].split()
    assert program == f"{INSTALLED}/.venv/bin/nic"
    assert is_call(words)
    script, folder = backing_up["ExecStart"][0].split()
    assert (ROOT / Path(script).relative_to(INSTALLED)).is_file()
    assert folder == f"/var/lib/{backing_up['StateDirectory'][0].split()[1]}"
    assert int(serving["TimeoutStopSec"][0]) > SHUTDOWN_SECONDS + 2
    for service in (serving, backing_up):
        given = dict(pair.split("=", 1) for pair in service["Environment"][0].split())
        assert (
            given["NIC_DATA"] == f"/var/lib/{service['StateDirectory'][0].split()[0]}" == service["WorkingDirectory"][0]
        )
        assert {name for name in given if name.startswith("NIC_")} <= set(setting_names()) | NO_SETTINGS
        assert service["User"] == ["nic"]
    assert unit("nic-backup.timer")["Timer"]["Persistent"] == ["true"], "a night that was slept through is made up for"


def test_the_example_of_settings_holds_settings_and_a_node_takes_it(tmp_path: Path) -> None:
    example = settings_in(DEPLOY / "nic.env")
    assert set(example) <= set(setting_names())
    shutil.copy(DEPLOY / "nic.env", tmp_path / "nic.env")
    config = read_config(tmp_path, {})
    assert (config.public_url, config.secure_cookies, config.smtp) == ("https://school.example.org", True, None)
    filled = {name: value or "x" * 40 for name, value in example.items()}
    config = read_config(tmp_path, filled)
    assert config.smtp is not None
    assert config.metrics_token
    assert not config.database_url.startswith("sqlite")


def test_a_misspelt_setting_is_refused_in_the_file_that_the_unit_reads(tmp_path: Path) -> None:
    (tmp_path / "nic.env").write_text((DEPLOY / "nic.env").read_text().replace("NIC_TIME_ZONE", "NIC_TIMEZONE"))
    with pytest.raises(NotConfigured, match="NIC_TIMEZONE"):
        read_config(tmp_path, {})
