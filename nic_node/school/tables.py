"""All tables of the school's own work."""

from nic_node.school.cycles import tables as cycles
from nic_node.school.measures import tables as measures
from nic_node.school.plan import tables as plan
from nic_node.school.profile import tables as profile
from nic_node.school.projects import tables as projects

ROOMS = (cycles, measures, plan, profile, projects)
