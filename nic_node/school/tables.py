"""All tables of the school's own work."""

from nic_node.school.actions import tables as actions
from nic_node.school.cycles import tables as cycles
from nic_node.school.measures import tables as measures
from nic_node.school.meetings import tables as meetings
from nic_node.school.plan import tables as plan
from nic_node.school.profile import tables as profile
from nic_node.school.projects import tables as projects

ROOMS = (actions, cycles, measures, meetings, plan, profile, projects)
