"""`nic mail`: on a real data folder, without a mail server."""

from pathlib import Path

from tests.cli.calls import nic


def test_what_could_not_be_sent_is_listed_copied_and_settled(school: Path) -> None:
    link = nic("user", "add", "Ben", "ben@alder.example", "--role", "reader", "--json", data=school).document["link"]
    listed = nic("mail", "list", "--json", data=school).document
    (mail,) = listed["mails"]
    assert (mail["state"], mail["to_address"], listed["counts"]["held"]) == ("held", "ben@alder.example", 1)
    assert link in nic("mail", "show", mail["id"], "--json", data=school).document["text"]
    assert "ben@alder.example" in nic("mail", "list", data=school).out
    refused = nic("mail", "send", mail["id"], data=school)
    assert (refused.code, "NIC_SMTP_HOST" in refused.err) == (1, True)
    assert nic("mail", "sent", mail["id"], "--json", data=school).document["state"] == "sent"
    assert link not in nic("mail", "show", mail["id"], data=school).out
    assert nic("mail", "send", data=school).code == 2
    assert nic("mail", "show", 99, data=school).code == 1
