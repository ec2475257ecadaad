"""`nic`: every command that the contract names. Each lives in a file of its own."""

import click

from nic_node.cli.backup import backup, restore
from nic_node.cli.corpus import corpus
from nic_node.cli.demo import demo
from nic_node.cli.district import district
from nic_node.cli.evidence import evidence
from nic_node.cli.export import export, import_command
from nic_node.cli.keys import node
from nic_node.cli.log import log
from nic_node.cli.mail import mail
from nic_node.cli.measure import measure
from nic_node.cli.network import network
from nic_node.cli.openapi import openapi
from nic_node.cli.operations import doctor
from nic_node.cli.plain import PlainGroup
from nic_node.cli.practice import practice
from nic_node.cli.privacy import privacy
from nic_node.cli.project import project
from nic_node.cli.question import question
from nic_node.cli.school import school
from nic_node.cli.serve import init, migrate, serve, sync, worker
from nic_node.cli.share import share
from nic_node.cli.simulate import simulate
from nic_node.cli.user import user


@click.group(cls=PlainGroup)
@click.version_option(package_name="nic-node", message="%(version)s")
def main() -> None:
    """A node of a networked improvement community."""


NODE = (serve, worker, init, migrate, sync, user, mail, node, doctor, backup, restore, export, import_command)
WORK = (school, project, measure, practice, question, share, district)
FEDERATION = (network, log)
FILES = (privacy, evidence)

for command in (*NODE, *WORK, *FEDERATION, *FILES, openapi, demo, corpus, simulate):
    main.add_command(command)
