"""Each purpose has its kind of key."""

import pytest

from federation.keys import load_private
from nic_node.keyring.purposes import KEY_KINDS, KeyPurpose, generate_key


@pytest.mark.parametrize("purpose", [purpose for purpose in KeyPurpose if purpose is not KeyPurpose.CREDENTIAL])
async def test_a_key_of_the_purpose_s_kind_is_made(purpose: KeyPurpose) -> None:
    one, other = await generate_key(purpose), await generate_key(purpose)
    assert load_private(one).kind == KEY_KINDS[purpose]
    assert one != other


def test_every_purpose_has_a_kind() -> None:
    assert set(KEY_KINDS) == set(KeyPurpose)
