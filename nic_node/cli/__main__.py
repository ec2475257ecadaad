"""`python -m nic_node.cli` is `nic`."""

from nic_node.cli.main import main

main()
