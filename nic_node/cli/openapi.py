"""The API's description, from the same routes that answer."""

from importlib.metadata import version

import click

from nic_node.app.routes import all_operations
from nic_node.cli.node import print_json
from nic_node.web.api import openapi_document


@click.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 document."""
    print_json(openapi_document(all_operations(), version("nic-node")))
