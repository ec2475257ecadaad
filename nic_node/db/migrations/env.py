"""Alembic's entry: works on the connection that `nic_node.db.migrate` hands over."""

from typing import Any

from alembic import context

from nic_node.db.base import Base
from nic_node.db.migrate import include_object

connection = context.config.attributes["connection"]


def run() -> None:
    options: dict[str, Any] = {
        "connection": connection,
        "target_metadata": Base.metadata,
        "render_as_batch": connection.dialect.name == "sqlite",
        "include_object": include_object,
        "compare_type": True,
        "user_module_prefix": "nic_node.db.base.",
    }
    context.configure(**options)
    context.run_migrations()


run()
