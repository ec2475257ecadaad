"""Outgoing mail: in the transaction of its cause, sent once, tried again, given up, and never out of sight."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from nic_node.config import Config, read_config
from nic_node.db.engine import Database
from nic_node.db.jobs import Job, Worker
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.mail.jobs import KEEP_SENT, KEEP_TEXT, TRY_AGAIN_AFTER, job_handlers, prune_mails
from nic_node.mail.queue import Letter, queue_mail
from nic_node.mail.read import list_mails, mail_of
from nic_node.mail.settle import mark_sent, send_again, send_all_again
from nic_node.mail.states import DEAD, HELD, SENT, WAITING
from nic_node.mail.tables import Mail
from tests.conftest import TestClock
from tests.servers.mail import PASSWORD, certificate, mail_server

NOOR = "noor@school.example"
FROM = "The hub <hub@network.example>"


@pytest.fixture
def letter(tmp_path: Path) -> Callable[..., Letter]:
    folder = tmp_path / "emails" / "greeted"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("{{ _('Hello %(name)s', name=name) }}")
    (folder / "body.txt").write_text("{% extends 'frame.txt' %}{% block body %}{{ name }} 100 %{% endblock %}")
    (folder / "body.html").write_text(
        "{% extends 'frame.html' %}{% block body %}<p>{{ _('Hello %(name)s', name=name) }}</p>{% endblock %}"
    )

    def write(name: str = "Noor", to: str = NOOR, **more: object) -> Letter:
        made = Letter(
            folder=folder.parent, event="greeted", desk="network:1", to_address=to, to_name=name, values={"name": name}
        )
        return replace(made, **more)  # type: ignore[arg-type]

    return write


def configured(folder: Path, port: int | None, **more: str) -> Config:
    settings = {"NIC_PUBLIC_URL": "https://hub.example"}
    if port is not None:
        settings |= {
            "NIC_SMTP_HOST": "localhost",
            "NIC_SMTP_PORT": str(port),
            "NIC_SMTP_TLS": "none",
            "NIC_SMTP_FROM": FROM,
            "NIC_SMTP_SECONDS": "5",
        }
    return read_config(folder, settings | more)


async def queued(database: Database, config: Config, letter: Letter, clock: TestClock) -> int:
    async with database.writing() as session:
        return (await queue_mail(session, config, letter, now=clock())).id


async def kept(database: Database, mail_id: int) -> Mail:
    async with database.reading() as session:
        return await mail_of(session, mail_id)


def worker(database: Database, config: Config, clock: TestClock) -> Worker:
    return Worker(database, job_handlers(database, config, clock), clock=clock, idle_seconds=1)


async def test_what_is_rolled_back_is_never_sent(
    database: Database, clock: TestClock, tmp_path: Path, letter: Callable[..., Letter]
) -> None:
    async with mail_server() as mailbox:
        config = configured(tmp_path, mailbox.port)
        with pytest.raises(RuntimeError, match="the cause failed"):
            async with database.writing() as session:
                await queue_mail(session, config, letter(), now=clock())
                raise RuntimeError("the cause failed")
        await worker(database, config, clock).run_due()
        assert mailbox.messages == []
        await queued(database, config, letter(), clock)
        await worker(database, config, clock).run_due()
        assert len(mailbox.messages) == 1
    async with database.reading() as session:
        assert (await session.scalars(select(Job.kind))).all() == []


async def test_a_message_is_whole(
    database: Database, clock: TestClock, tmp_path: Path, letter: Callable[..., Letter]
) -> None:
    async with mail_server() as mailbox:
        config = configured(tmp_path, mailbox.port)
        off = "https://hub.example/off/7"
        wanted = letter("Zoë <b>&</b>", reply_to="ada@hub.example", holds_link=True, unsubscribe=off)
        mail_id = await queued(database, config, wanted, clock)
        await worker(database, config, clock).run_due()
    (message,) = mailbox.messages
    assert mailbox.recipients == [NOOR]
    assert message["From"] == FROM
    assert message["Reply-To"] == "ada@hub.example"
    assert message["Subject"] == "Hello Zoë <b>&</b>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert (message["List-Unsubscribe"], message["List-Unsubscribe-Post"]) == (f"<{off}>", "List-Unsubscribe=One-Click")
    assert message["Date"] == "Tue, 27 Oct 2026 12:00:00 +0000"
    plain, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert plain.splitlines()[0] == "Zoë <b>&</b> 100 %"
    assert "Sent by https://hub.example." in plain
    assert "<p>Hello Zoë &lt;b&gt;&amp;&lt;/b&gt;</p>" in html
    mail = await kept(database, mail_id)
    assert (mail.state, mail.text, mail.html, mail.sent_at) == (SENT, "", "", clock())
    assert message["Message-ID"] == mail.message_id
    assert mail.message_id.endswith("@hub.example>")


@pytest.mark.parametrize(
    "evil", ["Noor\r\nBcc: all@school.example", "Noor\nX: y", "Noor\u2028Bcc: a@b.example", "a\x00\x1b[2Jb"]
)
async def test_nothing_typed_becomes_a_header(
    sqlite_database: Database, clock: TestClock, tmp_path: Path, letter: Callable[..., Letter], evil: str
) -> None:
    async with mail_server() as mailbox:
        config = configured(tmp_path, mailbox.port)
        await queued(sqlite_database, config, letter(evil), clock)
        await worker(sqlite_database, config, clock).run_due()
    (message,) = mailbox.messages
    assert mailbox.recipients == [NOOR]
    assert {"Bcc", "X"}.isdisjoint(message.keys())
    assert "\n" not in message["Subject"]


@pytest.mark.parametrize(
    "address", ["", "noor", "noor@", "a@b.example, c@d.example", "a@b.example\r\nRCPT TO:<x@y.example>", "<a@b.example>", '"a b"@c.example', "nöör@school.example", "a" * 250 + "@b.example"],
)  # fmt: skip
async def test_only_a_plain_address_takes_mail(
    sqlite_database: Database, clock: TestClock, tmp_path: Path, letter: Callable[..., Letter], address: str
) -> None:
    for name in ("to_address", "reply_to"):
        if name == "reply_to" and not address:
            continue
        with pytest.raises(InvalidInput):
            await queued(sqlite_database, configured(tmp_path, None), letter(**{name: address}), clock)


async def test_a_server_that_is_down_is_tried_until_it_is_up(
    database: Database, clock: TestClock, tmp_path: Path, letter: Callable[..., Letter]
) -> None:
    async with mail_server() as mailbox:
        port = mailbox.port
    config = configured(tmp_path, port)
    mail_id = await queued(database, config, letter(), clock)
    with capture_logs() as logs:
        await worker(database, config, clock).run_due()
    mail = await kept(database, mail_id)
    assert (mail.state, mail.problem, mail.tries, mail.next_try_at) == (
        WAITING,
        "unreachable",
        1,
        clock.now + TRY_AGAIN_AFTER[0],
    )
    assert NOOR not in str(logs)
    assert "Noor" not in str(logs)
    for wait in TRY_AGAIN_AFTER:
        assert await worker(database, config, clock).run_due() == 0
        clock.now += wait
        await worker(database, config, clock).run_due()
    mail = await kept(database, mail_id)
    assert (mail.state, mail.tries, mail.next_try_at) == (DEAD, 8, None)
    async with mail_server() as mailbox:
        config = configured(tmp_path, mailbox.port)
        async with database.writing() as session:
            await send_again(session, config, mail_id, desk="network:1", now=clock())
        await worker(database, config, clock).run_due()
        assert len(mailbox.messages) == 1
    assert (await kept(database, mail_id)).state == SENT


async def test_an_address_refused_for_good_is_given_up_and_one_put_off_is_not(
    database: Database, clock: TestClock, tmp_path: Path, letter: Callable[..., Letter]
) -> None:
    async with mail_server() as mailbox:
        mailbox.to = {"gone@school.example": f"550 no mailbox of {NOOR}", "later@school.example": "450 greylisted"}
        config = configured(tmp_path, mailbox.port)
        gone = await queued(database, config, letter(to="gone@school.example"), clock)
        later = await queued(database, config, letter(to="later@school.example"), clock)
        await worker(database, config, clock).run_due()
        mails = [await kept(database, mail_id) for mail_id in (gone, later)]
        assert [(mail.state, mail.problem, mail.code) for mail in mails] == [
            (DEAD, "address", 550),
            (WAITING, "address", 450),
        ]
        mailbox.to = {"data": "554 looks like spam"}
        refused = await queued(database, config, letter(), clock)
        await worker(database, config, clock).run_due()
        mail = await kept(database, refused)
        assert (mail.state, mail.problem, mail.code) == (DEAD, "refused", 554)


@pytest.mark.parametrize("mode", ["starttls", "tls"])
async def test_what_is_encrypted_is_checked(
    sqlite_database: Database, clock: TestClock, tmp_path: Path, letter: Callable[..., Letter], mode: str
) -> None:
    context, trusted = certificate(tmp_path)
    async with mail_server(context, is_implicit=mode == "tls") as mailbox:
        settings = {"NIC_SMTP_TLS": mode, "NIC_SMTP_USER": "hub", "NIC_SMTP_PASSWORD": PASSWORD}
        strange = configured(tmp_path, mailbox.port, **settings)
        first = await queued(sqlite_database, strange, letter(), clock)
        await worker(sqlite_database, strange, clock).run_due()
        assert (await kept(sqlite_database, first)).problem == "not-secure"
        known = configured(tmp_path, mailbox.port, NIC_SMTP_CA_FILE=str(trusted), **settings)
        wrong = replace(known, smtp_password="guess")
        second = await queued(sqlite_database, known, letter(), clock)
        await worker(sqlite_database, wrong, clock).run_due()
        assert (await kept(sqlite_database, second)).problem == "sign-in"
        assert mailbox.messages == []
        clock.forward(minutes=1)
        await worker(sqlite_database, known, clock).run_due()
        assert mailbox.sessions_with_tls == len(mailbox.messages) == 2


async def test_a_server_without_encryption_gets_nothing(
    sqlite_database: Database, clock: TestClock, tmp_path: Path, letter: Callable[..., Letter]
) -> None:
    async with mail_server() as mailbox:
        config = configured(tmp_path, mailbox.port, NIC_SMTP_TLS="starttls")
        mail_id = await queued(sqlite_database, config, letter(), clock)
        await worker(sqlite_database, config, clock).run_due()
        assert mailbox.messages == []
    assert (await kept(sqlite_database, mail_id)).problem == "not-secure"


async def test_without_a_server_it_is_held_until_a_person_acts(
    database: Database, clock: TestClock, tmp_path: Path, letter: Callable[..., Letter]
) -> None:
    bare = configured(tmp_path, None)
    first = await queued(database, bare, letter(holds_link=True), clock)
    second = await queued(database, bare, letter("Ben"), clock)
    mail = await kept(database, first)
    assert (mail.state, mail.text.splitlines()[0]) == (HELD, "Noor 100 %")
    async with database.writing() as session:
        with pytest.raises(Conflict, match="no mail server"):
            await send_again(session, bare, first, desk="network:1", now=clock())
        with pytest.raises(NotFound):
            await mark_sent(session, first, desk="network:2", now=clock())
        await mark_sent(session, first, desk="network:1", now=clock())
    mail = await kept(database, first)
    assert (mail.state, mail.text) == (SENT, "")
    async with mail_server() as mailbox:
        config = configured(tmp_path, mailbox.port)
        await worker(database, config, clock).run_due()
        assert mailbox.messages == [], "what was held does not leave by itself"
        async with database.writing() as session:
            assert await send_all_again(session, config, desk="network:2", now=clock()) == 0
            assert await send_all_again(session, config, desk="network:1", now=clock()) == 1
            with pytest.raises(Conflict, match="sent already"):
                await send_again(session, config, first, desk=None, now=clock())
        await worker(database, config, clock).run_due()
        assert [message["Subject"] for message in mailbox.messages] == ["Hello Ben"]
    assert (await kept(database, second)).state == SENT


async def test_settings_that_vanish_hold_what_waits(
    sqlite_database: Database, clock: TestClock, tmp_path: Path, letter: Callable[..., Letter]
) -> None:
    mail_id = await queued(sqlite_database, configured(tmp_path, 25), letter(), clock)
    bare = configured(tmp_path, None)
    await worker(sqlite_database, bare, clock).run_due()
    assert (await kept(sqlite_database, mail_id)).state == HELD


async def test_old_mail_is_forgotten_but_not_that_it_was_never_sent(
    database: Database, clock: TestClock, tmp_path: Path, letter: Callable[..., Letter]
) -> None:
    bare = configured(tmp_path, None)
    first, second = [await queued(database, bare, letter(name), clock) for name in ("Noor", "Ben")]
    async with database.writing() as session:
        await mark_sent(session, first, desk=None, now=clock())
    clock.now += max(KEEP_SENT, KEEP_TEXT)
    clock.forward(seconds=1)
    async with database.writing() as session:
        await prune_mails(session, now=clock())
        page = await list_mails(session, limit=10)
    assert [(mail.id, mail.state, mail.text) for mail in page.items] == [(second, HELD, "")]


async def test_pages_of_a_desk(
    database: Database, clock: TestClock, tmp_path: Path, letter: Callable[..., Letter]
) -> None:
    bare = configured(tmp_path, None)
    ids = [await queued(database, bare, letter(desk=desk), clock) for desk in ("network:1", "accounts", "network:1")]
    async with database.reading() as session:
        first = await list_mails(session, desk="network:1", limit=1)
        then = await list_mails(session, desk="network:1", limit=1, after=first.next)
        none = await list_mails(session, state=SENT, limit=5)
    assert [first.items[0].id, then.items[0].id, then.next] == [ids[2], ids[0], None]
    assert first.counts[HELD] == 2
    assert none.items == []
    assert none.counts == {HELD: 3, WAITING: 0, SENT: 0, DEAD: 0}
