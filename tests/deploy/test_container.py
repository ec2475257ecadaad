"""The Dockerfile and compose.yaml: sound by other people's programs, and true of this one."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from nic_node.config import read_config, setting_names
from tests.deploy.reading import DEPLOY, ROOT, TOOLS, documents, is_call, probe_paths, settings_in

DOCKERFILE = DEPLOY / "Dockerfile"
INSTALLS = re.compile(r"(/uv/bin/)?(pip|uv) .*")


def instructions() -> list[tuple[str, str]]:
    """(FROM, ...), (RUN, ...) in their order; comments left out, continued lines joined."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in joined.splitlines() if line.strip()]


def of(name: str) -> list[str]:
    return [rest for one, rest in instructions() if one == name]


def test_the_linter_finds_nothing() -> None:
    ran = subprocess.run([TOOLS / "hadolint", DOCKERFILE], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")


def test_the_linter_would_find_something(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian\nRUN cd /tmp && sudo apt-get install curl\n")
    ran = subprocess.run([TOOLS / "hadolint", tmp_path / "Dockerfile"], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "DL3004" in ran.stdout


def test_what_is_copied_exists_and_is_let_into_the_build() -> None:
    let_in = {
        line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")
    }
    copied = {name for rest in of("COPY") if "--from" not in rest for name in rest.split()[:-1]}
    assert copied == let_in
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in copied if not any(path == name or path.startswith(f"{name}/") for path in tracked)]
    assert copied >= {"nic_node", "federation", "schemas"}


def test_everything_comes_from_the_locks_and_is_held_to_their_hashes() -> None:
    runs = [part.strip() for rest in of("RUN") for part in rest.split("&&")]
    installs = [part for part in runs if re.search(r"(pip install|pip sync|pip\b.* install)", part)]
    assert len(installs) == 3
    fetching = [part for part in installs if "--offline" not in part]
    assert all("--require-hashes" in part and "--only-binary :all:" in part for part in fetching)
    assert {part.split()[-1] for part in fetching} == {"requirements-uv.txt", "requirements.txt"}
    locked = (ROOT / "requirements.txt").read_text()
    removed = next(part for part in runs if "pip uninstall" in part).split()[-2:]
    assert all(f"\n{name}==" in f"\n{locked}" for name in removed)


def test_it_runs_without_rights_as_the_program_that_it_is() -> None:
    users, stages = of("USER"), of("FROM")
    assert len(stages) == 2
    assert users[-1].split(":")[0].isdigit()
    assert int(users[-1].split(":")[0]) > 0
    names = [name for name, _ in instructions()]
    assert names.index("USER") > max(at for at, name in enumerate(names) if name == "RUN")
    assert json.loads(of("ENTRYPOINT")[0]) == ["nic"]
    assert is_call(json.loads(of("CMD")[0]))
    (environment,) = [rest for rest in of("ENV") if "NIC_DATA" in rest]
    given = dict(pair.split("=", 1) for pair in environment.split())
    assert {name for name in given if name.startswith("NIC_")} <= set(setting_names())
    assert of("VOLUME") == [given["NIC_DATA"]]
    assert of("EXPOSE") == [str(read_config(Path("/nowhere"), {}).port)]
    address = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", of("HEALTHCHECK")[0])
    assert address is not None
    assert address[1] == of("EXPOSE")[0]
    assert address[2] in probe_paths()


# compose -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def compose() -> dict[str, Any]:
    (document,) = documents(DEPLOY / "compose.yaml")
    return document


def complaints(path: Path) -> str:
    ran = subprocess.run(
        [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


def test_compose_is_as_its_schema_wants_it(compose: dict[str, Any], tmp_path: Path) -> None:
    assert complaints(DEPLOY / "compose.yaml") == ""
    compose["services"]["web"]["comand"] = ["serve"]
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump(compose))
    assert "comand" in complaints(tmp_path / "wrong.yaml")


def test_each_process_of_the_node_is_a_call_that_it_takes(compose: dict[str, Any]) -> None:
    services = compose["services"]
    calls = {name: one["command"] for name, one in services.items() if one["image"] == "nic-node"}
    assert calls == {"web": ["serve", "--no-worker"], "worker": ["worker", "--probes-port", "8001"]}
    assert all(is_call(words) for words in calls.values())
    assert not is_call(["serve", "--no-workers"])
    assert not is_call(["work"])
    asked = re.search(r":(\d+)(/\w+)", str(services["worker"]["healthcheck"]["test"]))
    assert asked is not None
    assert (asked[1] in calls["worker"], asked[2] in probe_paths()) == (True, True)
    build = services["web"]["build"]
    assert (DEPLOY / build["context"]).resolve() == ROOT
    assert (DEPLOY / build["context"] / build["dockerfile"]).resolve() == DOCKERFILE


def filled(text: str, values: dict[str, str]) -> str:
    """${NAME}, ${NAME:-default} and ${NAME:?why} as compose fills them in."""
    return re.sub(r"\$\{(\w+)(?::[-?]([^}]*))?\}", lambda found: values.get(found[1]) or found[2] or "", text)


def test_its_settings_are_settings_and_a_node_takes_them(compose: dict[str, Any], tmp_path: Path) -> None:
    example = settings_in(DEPLOY / "compose.env")
    wanted = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    assert wanted == set(example), "each name that compose fills in stands in the example, and no other"
    values = {name: value or "x" * 40 for name, value in example.items()}
    for name in ("web", "worker"):
        given = {key: filled(str(value), values) for key, value in compose["services"][name]["environment"].items()}
        assert set(given) <= set(setting_names())
        config = read_config(tmp_path, given)
        assert config.secure_cookies
        assert config.database_url.endswith(
            f"@database/{compose['services']['database']['environment']['POSTGRES_DB']}"
        )
    address = compose["services"]["caddy"]["networks"]["inside"]["ipv4_address"]
    assert [str(network.network_address) for network in config.proxies] == [address], (
        "Caddy's word is believed, nobody's else"
    )


def test_only_caddy_is_reached_from_outside(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert [name for name, one in services.items() if "ports" in one] == ["caddy"]
    host, port = services["caddy"]["environment"]["NIC_UPSTREAM"].split(":")
    assert (host in services, port) == (True, of("EXPOSE")[0])
    volumes = {mount.split(":")[0] for one in services.values() for mount in one.get("volumes", [])}
    assert {name for name in volumes if not name.startswith(".")} == set(compose["volumes"])
    assert all((DEPLOY / name).exists() for name in volumes if name.startswith("."))


def test_the_server_and_the_programs_for_backups_are_of_one_version(compose: dict[str, Any]) -> None:
    server = re.match(r"postgres:(\d+)", compose["services"]["database"]["image"])
    client = re.search(r"postgresql-client-(\d+)", DOCKERFILE.read_text())
    assert server is not None
    assert client is not None
    assert server[1] == client[1]
