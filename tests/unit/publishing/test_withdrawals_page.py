"""The file of signed withdrawals: what its page says, what it hands out, and to whom."""

from sqlalchemy import select

from nic_node.accounts.tables import AuditEntry
from nic_node.publishing.withdrawals import read_file
from tests.unit.publishing.conftest import Site


async def test_the_file_is_explained_handed_out_and_noted(site: Site) -> None:
    assert "Nothing to take back" in await site.ada.text("/share/withdrawals")
    await site.world.open_epoch()
    await site.world.approved()
    await site.world.slot()
    assert "Signed withdrawals" in await site.ada.text("/share")
    page = await site.ada.text("/share/withdrawals")
    assert "Nobody could say that they are yours" in page
    assert "nic share retract --file" in page
    assert "all else by the same pseudonym" in page

    answer = await site.ada.send("/share/withdrawals")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="withdrawals.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    (held,) = read_file(await answer.read())
    assert held.record_id in page
    told = await (await site.ada.call("POST", "/withdrawals")).json()
    assert [one["leaf"] for one in told["items"]] == [held.leaf]
    async with site.world.database.reading() as session:
        chosen = select(AuditEntry.after).where(AuditEntry.action == "withdrawals.exported")
        assert list(await session.scalars(chosen)) == [{"records": 1}] * 2

    assert (await site.ben.get("/share/withdrawals")).status == 403
    assert (await site.ben.send("/share/withdrawals")).status == 403
