"""Real data folders: a school that Ada set up, copied for each test."""

import asyncio
import shutil
from pathlib import Path

import pytest

from nic_node.accounts.passwords import TEST_COST, Passwords
from nic_node.accounts.set_up import complete_setup, create_setup_link
from nic_node.app.node import open_node
from nic_node.config import read_config
from nic_node.school.profile.name import set_school_name

EMAIL = "ada@alder.example"


async def set_up_school(folder: Path) -> None:
    async with open_node(read_config(folder, {}), password_cost=TEST_COST) as opened:
        node = opened.local
        async with node.database.writing() as session:
            link = await create_setup_link(session, now=node.clock())
        password_hash = await Passwords(TEST_COST).new_hash("seven green kites", email=EMAIL)
        async with node.database.writing() as session:
            await complete_setup(
                session,
                token=link.token,
                name="Ada Field",
                email=EMAIL,
                school_name="Alder School",
                password_hash=password_hash,
                after_setup=set_school_name,
                now=node.clock(),
            )


@pytest.fixture(scope="session")
def school_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "school"
    asyncio.run(set_up_school(folder))
    return folder


@pytest.fixture
def school(school_template: Path, tmp_path: Path) -> Path:
    """The data folder of a school with one person, Ada, and nothing done yet."""
    return Path(shutil.copytree(school_template, tmp_path / "school"))
