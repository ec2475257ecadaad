"""The mail server's settings, and every e-mail's three texts."""

from pathlib import Path

import pytest

import nic_node
from nic_node.config import read_config
from nic_node.errors import NotConfigured

SERVER = {"NIC_SMTP_HOST": "mail.school.example", "NIC_SMTP_FROM": "node@school.example"}


def test_without_a_host_there_is_no_server(tmp_path: Path) -> None:
    assert read_config(tmp_path, {"NIC_SMTP_FROM": "x@y.example"}).smtp is None


@pytest.mark.parametrize(("tls", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_follows_from_the_encryption(tmp_path: Path, tls: str, port: int) -> None:
    smtp = read_config(tmp_path, {**SERVER, "NIC_SMTP_TLS": tls}).smtp
    assert smtp is not None
    assert (smtp.port, smtp.from_name, smtp.from_address) == (port, "", "node@school.example")


@pytest.mark.parametrize(
    "wrong",
    [
        {"NIC_SMTP_FROM": ""},
        {"NIC_SMTP_FROM": "Node <node@school.example"},
        {"NIC_SMTP_FROM": "a@b.example\nBcc: c@d.example"},
        {"NIC_SMTP_TLS": "ssl"},
        {"NIC_SMTP_TLS": "none", "NIC_SMTP_PASSWORD": "secret"},
        {"NIC_SMTP_PORT": "70000"},
        {"NIC_SMTP_SECONDS": "0"},
        {"NIC_SMTP_CA_FILE": "/nowhere/ca.pem"},
    ],
)
def test_settings_that_can_not_be_meant_are_refused(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(NotConfigured, match="NIC_SMTP_"):
        read_config(tmp_path, SERVER | wrong)


def test_the_password_is_in_no_description_of_the_settings(tmp_path: Path) -> None:
    config = read_config(tmp_path, {**SERVER, "NIC_SMTP_PASSWORD": "correct horse"})
    assert "correct horse" not in repr(config) + repr(config.smtp)


def test_every_event_has_its_three_texts() -> None:
    folders = [path for path in Path(nic_node.__file__).parent.glob("**/emails/*") if path.is_dir()]
    assert folders
    for folder in folders:
        assert {path.name for path in folder.iterdir()} == {"subject.txt", "body.txt", "body.html"}, folder
