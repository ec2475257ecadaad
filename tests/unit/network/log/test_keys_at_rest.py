"""Nobody who copies the data folder without the operator's key has a private key of the network."""

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
