import pytest

from nic_node.accounts.passwords import TEST_COST, Cost, Passwords, password_faults
from nic_node.errors import InvalidInput

EMAIL = "ada.field.of.grass@school.example"


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("elevenchars", "at least 12"),
        ("x" * 150 + "abcdefgh" * 10, "at most 200"),
        ("Ada.Field.of.Grass@School.example", "e-mail"),
        ("ada.field.of.grass", "e-mail"),
        ("passwordpassword", "Many people"),
        ("Password2026!!", "Many people"),
        ("QWERTYuiop123456", "Many people"),
        ("abababababab", "same few characters"),
        ("             ", "at least 12"),
    ],
)
def test_what_would_be_guessed_is_refused(password: str, word: str) -> None:
    assert any(word in sentence for sentence in password_faults(password, EMAIL))


@pytest.mark.parametrize(
    "password", ["seven green kites", "Zwölf Bäume im Garten", "Tr0ub4dor&3 is short", "正しい馬電池ホッチキス本"]
)
def test_what_is_long_and_ones_own_is_taken(password: str) -> None:
    assert password_faults(password, EMAIL) == []


async def test_a_hash_is_argon2id_and_salted() -> None:
    passwords = Passwords(TEST_COST)
    one, other = [await passwords.new_hash("seven green kites", email=EMAIL) for _ in range(2)]
    assert one.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert one != other
    assert await passwords.is_right(one, "seven green kites")
    assert not await passwords.is_right(one, "seven green kite")


async def test_a_weak_password_is_never_hashed() -> None:
    with pytest.raises(InvalidInput) as caught:
        await Passwords(TEST_COST).new_hash("short", email=EMAIL)
    assert list(caught.value.fields) == ["password"]


async def test_one_password_typed_on_two_keyboards_is_one_password() -> None:
    passwords = Passwords(TEST_COST)
    composed = await passwords.new_hash("caf\u00e9 in the morning", email=EMAIL)
    assert await passwords.is_right(composed, "cafe\u0301 in the morning ")


async def test_nobody_is_somebody_without_a_hash() -> None:
    passwords = Passwords(TEST_COST)
    for password in ("", "seven green kites"):
        assert not await passwords.is_right(None, password)


def test_the_decoy_is_a_hash_of_the_same_cost_and_shape() -> None:
    passwords = Passwords(Cost(passes=2, memory_kib=64))
    real = passwords._hasher.hash("seven green kites")
    assert [len(part) for part in passwords._decoy.split("$")] == [len(part) for part in real.split("$")]
    assert passwords._decoy.split("$")[:4] == real.split("$")[:4]
    assert not passwords._hasher.check_needs_rehash(passwords._decoy)
    assert not passwords._matches(passwords._decoy, "seven green kites")


async def test_only_a_hash_of_another_cost_is_made_anew() -> None:
    cheap, dear = Passwords(TEST_COST), Passwords(Cost(passes=2, memory_kib=64))
    old = await cheap.new_hash("seven green kites", email=EMAIL)
    assert await cheap.new_cost_hash(old, "seven green kites") is None
    new = await dear.new_cost_hash(old, "seven green kites")
    assert new is not None
    assert await cheap.is_right(new, "seven green kites")
