"""All tables of the school's own work."""

from nic_node.school.actions import tables as actions
from nic_node.school.advice import tables as advice
from nic_node.school.assessment import tables as assessment
from nic_node.school.bin import tables as bin_
from nic_node.school.causes import tables as causes
from nic_node.school.coaching import tables as coaching
from nic_node.school.communication import tables as communication
from nic_node.school.communities import tables as communities
from nic_node.school.cycles import tables as cycles
from nic_node.school.discussion import tables as discussion
from nic_node.school.drivers import tables as drivers
from nic_node.school.handover import tables as handover
from nic_node.school.measures import tables as measures
from nic_node.school.meetings import tables as meetings
from nic_node.school.notices import tables as notices
from nic_node.school.obstacles import tables as obstacles
from nic_node.school.papers import tables as papers
from nic_node.school.plan import tables as plan
from nic_node.school.profile import tables as profile
from nic_node.school.projects import tables as projects
from nic_node.school.pulse import tables as pulse
from nic_node.school.reflection import tables as reflection
from nic_node.school.returns import tables as returns
from nic_node.school.sample import tables as sample
from nic_node.school.team import tables as team
from nic_node.school.visits import tables as visits

ROOMS = (
    actions,
    advice,
    assessment,
    bin_,
    causes,
    coaching,
    communication,
    communities,
    cycles,
    discussion,
    drivers,
    handover,
    measures,
    meetings,
    notices,
    obstacles,
    papers,
    plan,
    profile,
    projects,
    pulse,
    reflection,
    returns,
    sample,
    team,
    visits,
)
