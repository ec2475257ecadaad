"""Nobody who copies the data folder without the operator's key has a private key of the network."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from nic_node.keyring.keys import load_private_jwk
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.tables import KeyRow
from schemas.base64url import decode_base64url
from tests.unit.network.log.stage import SCHOOLS, Stage


def contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def test_no_file_holds_a_private_key_in_clear(stage: Stage, tmp_path: Path) -> None:
    await stage.admit(*SCHOOLS)
    await stage.announce()
    node = stage.node
    async with node.database.reading() as session:
        rows = list(await session.scalars(select(KeyRow)))
        private = [
            await load_private_jwk(session, operator_key=node.operator_key, entity_id=row.entity_id, kid=row.kid)
            for row in rows
        ]
    assert {row.purpose for row in rows} >= {
        KeyPurpose.FEDERATION,
        KeyPurpose.HTTP,
        KeyPurpose.LOG,
        KeyPurpose.LEAF,
        KeyPurpose.CREDENTIAL,
        KeyPurpose.SUBMISSION,
    }
    files = contents(tmp_path)
    assert any(rows[0].kid.encode() in data for data in files), "the database is among them"
    for jwk in private:
        for data in files:
            assert jwk["d"].encode() not in data
            assert decode_base64url(jwk["d"]) not in data


async def test_a_key_that_has_served_is_in_no_file_not_even_sealed(stage: Stage, tmp_path: Path) -> None:
    """The key that issues goes when issuing closes, the one that opens envelopes 7 days after the epoch's end."""
    await stage.admit(*SCHOOLS)
    await stage.announce()
    credential, submission = [
        await sealed_key(stage, purpose) for purpose in (KeyPurpose.CREDENTIAL, KeyPurpose.SUBMISSION)
    ]
    assert stands_in(tmp_path, credential)
    windows = await stage.windows()
    stage.clock.now = windows.issue_to
    await stage.advance()
    assert not stands_in(tmp_path, credential)

    stage.clock.now = windows.active_to + timedelta(days=7, seconds=-1)
    await stage.advance()
    assert stands_in(tmp_path, submission)
    stage.clock.forward(seconds=1)
    await stage.advance()
    assert not stands_in(tmp_path, submission)


async def sealed_key(stage: Stage, purpose: KeyPurpose) -> bytes:
    async with stage.node.database.reading() as session:
        sealed = await session.scalar(select(KeyRow.sealed_private_jwk).where(KeyRow.purpose == purpose))
    assert sealed is not None
    return sealed


def stands_in(folder: Path, sealed: bytes) -> bool:
    """Any 40 bytes of it, in whatever page or journal: a row is cut where a page ends."""
    pieces = [sealed[start : start + 40] for start in range(0, len(sealed) - 40, 40)]
    return any(piece in data for data in contents(folder) for piece in pieces)
