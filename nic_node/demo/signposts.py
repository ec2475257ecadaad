"""Where to go in the demo, and who to be."""

import asyncio
from typing import Any

from nic_node.demo.cast import COORDINATOR, LEADS, REVIEWERS, Cast, email_of
from nic_node.demo.processes import NodeProcess
from nic_node.demo.visitors import PASSWORD

ROLES = {COORDINATOR: "coordinator", "lakeshore": "applicant"}


def describe_nodes(cast: Cast) -> list[dict[str, Any]]:
    """What demo.json says of each node."""
    return [
        {
            "name": school.key,
            "role": ROLES.get(school.key, "school"),
            "url": school.node.url,
            "user": email_of(LEADS[school.key]),
            "password": PASSWORD,
        }
        for school in cast.everybody
    ]


async def resume_nodes(cast: Cast, known: dict[str, Any]) -> list[dict[str, Any]]:
    """Start the nodes of an earlier run again, on the same addresses."""
    nodes = [NodeProcess(name=node["name"], data=cast.folder / node["name"]) for node in known["nodes"]]
    for node in nodes:
        cast.stack.push_async_callback(node.stop)
    await asyncio.gather(*(node.start() for node in nodes))
    described: list[dict[str, Any]] = known["nodes"]
    return described


def say_where_to_go(nodes: list[dict[str, Any]]) -> str:
    lines = ["", "Open any of these; the password is the same everywhere."]
    for node in nodes:
        lines.append(f"  {node['url']}  {node['name']} ({node['role']}): {node['user']}")
        if node["name"] in REVIEWERS:
            lines.append(f"    who reviews there before anything leaves: {email_of(REVIEWERS[node['name']])}")
    lines += [f"  password: {nodes[0]['password']}", "Stop with Ctrl-C."]
    return "\n".join(lines)
