"""The manifests of deploy/kubernetes: as Kubernetes' own schemas want them, and true of the program."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from nic_node.config import Config, read_config, setting_names
from nic_node.db.engine import async_url
from nic_node.errors import NicError
from nic_node.keyring.operator_key import OperatorKey
from tests.deploy.reading import DEPLOY, TOOLS, documents, is_call, probe_paths
from tests.deploy.test_container import of

FOLDER = DEPLOY / "kubernetes"
FILES = sorted(FOLDER.glob("*.yaml"))
LONGEST_STOP_SECONDS = 10


def manifests(kind: str) -> list[dict[str, Any]]:
    return [one for file in FILES for one in documents(file) if one["kind"] == kind]


def pods() -> dict[str, dict[str, Any]]:
    return {
        one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in manifests("Deployment") + manifests("Job")
    }


def complaints(file: Path) -> str:
    ran = subprocess.run([TOOLS / "kubernetes-validate", "--strict", file], capture_output=True, text=True, check=False)
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_manifest_is_as_its_schema_wants_it(file: Path, tmp_path: Path) -> None:
    assert complaints(file) == ""
    wrong = [{**one, "speck": {}} for one in documents(file)]
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump_all(wrong))
    assert "speck" in complaints(tmp_path / "wrong.yaml")


def test_there_are_pages_work_and_a_migration() -> None:
    calls = {name: pod["containers"][0]["args"] for name, pod in pods().items()}
    assert set(calls) == {"nic-web", "nic-worker", "nic-migrate"}
    assert all(is_call(words) for words in calls.values())
    assert calls["nic-web"] == ["serve", "--no-worker"]
    assert calls["nic-migrate"] == ["migrate"]


def test_probes_ask_addresses_that_answer_on_ports_that_are_listened_on() -> None:
    for name in ("nic-web", "nic-worker"):
        (container,) = pods()[name]["containers"]
        (port,) = container["ports"]
        listened = (
            of("EXPOSE")[0] if name == "nic-web" else container["args"][container["args"].index("--probes-port") + 1]
        )
        assert str(port["containerPort"]) == listened
        asked = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}
        assert {one["port"] for one in asked.values()} == {port["name"]}
        assert {one["path"] for one in asked.values()} <= probe_paths()
        assert (asked["liveness"]["path"], asked["readiness"]["path"]) == ("/healthz", "/readyz")
        assert pods()[name]["terminationGracePeriodSeconds"] > LONGEST_STOP_SECONDS + 5


def test_each_pod_has_no_rights_and_writes_into_its_volumes_alone() -> None:
    for pod in pods().values():
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" == of("USER")[-1]
        assert pod["automountServiceAccountToken"] is False
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert {one["name"] for one in container["volumeMounts"]} == {one["name"] for one in pod["volumes"]}
        assert of("VOLUME")[0] in {one["mountPath"] for one in container["volumeMounts"]}


def test_names_lead_to_what_is_there() -> None:
    there = {
        (kind, one["metadata"]["name"])
        for kind in ("ConfigMap", "Secret", "PersistentVolumeClaim", "Service")
        for one in manifests(kind)
    }
    text = json.dumps(list(pods().values()))
    named = {("ConfigMap", name) for name in re.findall(r'"configMapRef": {"name": "([^"]+)"', text)}
    named |= {("Secret", name) for name in re.findall(r'"secretRef": {"name": "([^"]+)"', text)}
    named |= {("PersistentVolumeClaim", name) for name in re.findall(r'"claimName": "([^"]+)"', text)}
    (ingress,) = manifests("Ingress")
    backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    named |= {("Service", backend["name"])}
    assert named == there
    (service,) = manifests("Service")
    assert backend["port"]["name"] in {port["name"] for port in service["spec"]["ports"]}
    labels = {
        name: one["spec"]["template"]["metadata"]["labels"]
        for one in manifests("Deployment")
        for name in [one["metadata"]["name"]]
    }
    assert service["spec"]["selector"].items() <= labels["nic-web"].items()
    assert not service["spec"]["selector"].items() <= labels["nic-worker"].items()
    (settings,) = manifests("ConfigMap")
    assert settings["data"]["NIC_PUBLIC_URL"] == f"https://{ingress['spec']['rules'][0]['host']}"


def test_settings_are_settings_and_secrets_that_nobody_filled_in_are_refused(tmp_path: Path) -> None:
    (settings,), (secrets,) = manifests("ConfigMap"), manifests("Secret")
    given = {**settings["data"], **secrets["stringData"]}
    assert set(given) <= set(setting_names())
    assert read_config(tmp_path, settings["data"]).secure_cookies
    for name in secrets["stringData"]:
        with pytest.raises(NicError):
            started = read_config(tmp_path, {**settings["data"], name: given[name]})
            refuse_what_no_start_takes(started)


def refuse_what_no_start_takes(config: Config) -> None:
    async_url(config.database_url)
    if config.operator_key is not None:
        OperatorKey.from_text(config.operator_key, source="NIC_OPERATOR_KEY")
