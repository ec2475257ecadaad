"""All tables of a node: importing this fills `Base.metadata`."""

from nic_node.accounts import tables as accounts
from nic_node.commons.saved import tables as commons_saved
from nic_node.db import jobs
from nic_node.db.base import Base
from nic_node.district import tables as district
from nic_node.keyring import tables as keyring
from nic_node.mail import tables as mail
from nic_node.membership import tables as membership
from nic_node.mirror import tables as mirror
from nic_node.mirror.forks import tables as mirror_forks
from nic_node.network import tables as network
from nic_node.network.above import tables as network_above
from nic_node.network.invitees import tables as network_invitees
from nic_node.network.log import tables as network_log
from nic_node.network.moderation import tables as network_moderation
from nic_node.network.theory import tables as network_theory
from nic_node.peerhttp import tables as peerhttp
from nic_node.publishing import tables as publishing
from nic_node.publishing.incidents import tables as publishing_incidents
from nic_node.publishing.relays import tables as publishing_relays
from nic_node.school import tables as school
from nic_node.today import tables as today

ROOMS = (
    jobs,
    accounts,
    commons_saved,
    district,
    keyring,
    mail,
    membership,
    mirror,
    mirror_forks,
    network,
    network_above,
    network_invitees,
    network_log,
    network_moderation,
    network_theory,
    peerhttp,
    publishing,
    publishing_incidents,
    publishing_relays,
    school,
    today,
)
METADATA = Base.metadata
