"""How a school introduces itself in an application: its profile, and whom the coordinator may call."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.profile.describe import profile_of_school
from schemas.document import InvalidDocument, load_document
from schemas.membership import ContactSchema, ProfileSchema
from schemas.text import normal_text

CONTACT: Final = ContactSchema()
PROFILE: Final = ProfileSchema()
PROFILE_NUMBERS: Final = (
    "enrolment",
    "locale",
    "lunch_percent",
    "english_learners_percent",
    "disabilities_percent",
)
PROFILE_TEXTS: Final = ("level", "district", "directory_id", "website", "stage")


def read_contact(typed: Mapping[str, str]) -> dict[str, str]:
    """The contact as it goes on the wire.

    Raises:
        InvalidInput: name or e-mail address are missing or of another form.
    """
    contact = {name: text for name, value in typed.items() if (text := normal_text(value))}
    try:
        return load_document(CONTACT, contact)
    except InvalidDocument as error:
        field = error.path.strip("/")
        said = _CONTACT_SENTENCES.get(field, error.message)
        raise InvalidInput({f"contact_{field}": [said]}, said) from error


_CONTACT_SENTENCES: Final = {
    "name": N_("Write the name of the person whom the coordinator may call."),
    "email": N_("Write an e-mail address such as name@school.example."),
}


async def read_profile(session: AsyncSession) -> dict[str, Any]:
    """The school's profile as its coordinators will see it.

    Raises:
        InvalidInput: the profile lacks its level, which the network's classes start from.
    """
    school = await profile_of_school(session)
    document: dict[str, Any] = {"name": normal_text(school.name)}
    document |= {name: normal_text(text) for name in PROFILE_TEXTS if (text := getattr(school, name))}
    document |= {name: value for name in PROFILE_NUMBERS if (value := getattr(school, name)) is not None}
    document |= {
        name: grade.lower() for name in ("low_grade", "high_grade") if (grade := getattr(school, name)) is not None
    }
    if "level" not in document:
        sentence = N_("Say in the school's profile which level it is (elementary, middle, ...), then apply.")
        raise InvalidInput({"profile": [sentence]}, sentence)
    try:
        return load_document(PROFILE, document)
    except InvalidDocument as error:
        raise InvalidInput({"profile": [error.message]}, error.message) from error
