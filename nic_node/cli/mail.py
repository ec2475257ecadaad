"""`nic mail`: what was written to somebody, and what a person has to send."""

from pathlib import Path
from typing import Any

import click

from nic_node.accounts.mail_pages import settle_all, settle_mail
from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_pairs, print_table
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.mail.read import list_mails, mail_of
from nic_node.mail.states import STATES
from nic_node.mail.tables import Mail

MANAGE = "mail.manage"
mail_argument = click.argument("mail_id", metavar="MAIL", type=click.IntRange(1))


@click.group()
def mail() -> None:
    """Outgoing e-mail."""


@mail.command("list")
@click.option("--state", type=click.Choice(STATES), default=None, help="Only those; held: not sent, dead: given up.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="How many, newest first.")
@data_option
@json_option
@on_event_loop
async def list_command(state: str | None, limit: int, data: Path | None, as_json: bool) -> None:
    """What was written, newest first."""
    async with opened_node(data) as node, node.database.reading() as session:
        page = await list_mails(session, state=state, limit=limit)
    if as_json:
        print_json({"mails": [_line(one) for one in page.items], "counts": dict(page.counts)})
        return
    rows = [(one.id, one.state, one.to_address, one.subject, f"{one.made_at:%Y-%m-%d %H:%M}") for one in page.items]
    print_table(("mail", "state", "to", "subject", "written"), rows, empty="No e-mail yet.")


@mail.command()
@mail_argument
@data_option
@json_option
@on_event_loop
async def show(mail_id: int, data: Path | None, as_json: bool) -> None:
    """One e-mail with its text, to be copied."""
    async with opened_node(data) as node, node.database.reading() as session:
        one = await mail_of(session, mail_id)
    if as_json:
        print_json({**_line(one), "text": one.text})
        return
    print_pairs([("To", one.to_address), ("Subject", one.subject), ("State", one.state), ("Problem", one.problem)])
    click.echo(f"\n{one.text}" if one.text else "\nIts text is no longer kept.")


@mail.command()
@click.argument("mail_id", metavar="[MAIL]", type=click.IntRange(1), required=False)
@click.option("--all", "is_all", is_flag=True, help="All that are held or given up.")
@as_option
@data_option
@json_option
@on_event_loop
async def send(mail_id: int | None, is_all: bool, email: str | None, data: Path | None, as_json: bool) -> None:
    """Hand an e-mail to the worker again."""
    if is_all == (mail_id is not None):
        raise click.UsageError("Name one e-mail, or say --all.")
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, MANAGE)
        if mail_id is None:
            count = await settle_all(session, node.config, actor=actor, desk=None, now=node.clock())
        else:
            count = 1
            await settle_mail(
                session, node.config, actor=actor, mail_id=mail_id, act="send", desk=None, now=node.clock()
            )
    if as_json:
        print_json({"sending": count})
    else:
        click.echo(f"{count} on the way: the node's worker sends them.")


@mail.command()
@mail_argument
@as_option
@data_option
@json_option
@on_event_loop
async def sent(mail_id: int, email: str | None, data: Path | None, as_json: bool) -> None:
    """Note that you sent an e-mail yourself."""
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, MANAGE)
        one = await settle_mail(
            session, node.config, actor=actor, mail_id=mail_id, act="sent", desk=None, now=node.clock()
        )
        line = _line(one)
    if as_json:
        print_json(line)
    else:
        click.echo("Noted.")


def _line(one: Mail) -> dict[str, Any]:
    return {
        "id": one.id,
        "event": one.event,
        "to_address": one.to_address,
        "subject": one.subject,
        "state": one.state,
        "problem": one.problem,
        "code": one.code,
        "made_at": one.made_at.isoformat(),
        "sent_at": one.sent_at.isoformat() if one.sent_at else None,
    }
