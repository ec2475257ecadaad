"""One-time links: as many as people are asked, each good for one answer and tied to nobody.

A slip stands in no table. It is worked out from the operator's key and the survey's own secret, so that a sheet can
be printed again and says the same, while a copy of the database alone makes none. Slips carry no number and lie in
an order that tells nothing. That one is used stands in the survey's turns, by a tag, until the close.
"""

import hmac
from base64 import urlsafe_b64encode

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import NotFound
from nic_node.keyring.operator_key import OperatorKey
from nic_node.keyring.sealing import tag_bytes
from nic_node.school.pulse.tables import PulseSurvey

MOST_SLIPS = 5000
"""Each look at a slip works all of them out: 15 ms for so many."""
SLIP_BYTES = 15


def slips_of(key: OperatorKey, survey: PulseSurvey) -> list[str]:
    """Every slip of a survey, the same ones each time."""
    return [f"{survey.id}-{secret}" for secret in sorted(_secrets(key, survey))]


async def survey_of_slip(session: AsyncSession, key: OperatorKey, slip: str, *, missing: str) -> PulseSurvey:
    """Whose slip this is. Raises NotFound with the sentence `missing`."""
    number, _, secret = slip.partition("-")
    survey = await session.get(PulseSurvey, int(number)) if number.isdecimal() and len(number) < 10 else None
    if survey is None or survey.answered_by != "slips":
        raise NotFound(missing)
    given = secret.encode()
    # Every one is compared in constant time: how long it takes tells nothing of how near a guess came.
    if sum(hmac.compare_digest(given, known.encode()) for known in _secrets(key, survey)) != 1:
        raise NotFound(missing)
    return survey


def _secrets(key: OperatorKey, survey: PulseSurvey) -> list[str]:
    of_survey = tag_bytes(key, survey.link, context="pulse slips")
    made = (hmac.digest(of_survey, str(place).encode(), "sha256")[:SLIP_BYTES] for place in range(survey.asked))
    return [urlsafe_b64encode(one).decode() for one in made]
