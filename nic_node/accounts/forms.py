"""The forms of this room."""

from marshmallow import ValidationError, fields, validate

from nic_node.accounts.invite import NO_ROLE
from nic_node.accounts.passwords import password_faults
from nic_node.accounts.tables import EMAIL_LENGTH, NAME_LENGTH
from nic_node.accounts.tokens import NO_SCOPE
from nic_node.i18n import N_
from nic_node.web.forms import FormSchema

SCHOOL_NAME_LENGTH = 200
NEXT_LENGTH = 2000


def name_field(*, missing: str) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Length(max=NAME_LENGTH, error=N_("Use at most 120 characters.")),
        error_messages={"required": missing},
    )


def email_field() -> fields.Email:
    return fields.Email(
        required=True,
        validate=validate.Length(max=EMAIL_LENGTH, error=N_("Use at most 254 characters.")),
        error_messages={
            "required": N_("Type an e-mail address."),
            "invalid": N_("Type a whole e-mail address, such as name@school.example."),
        },
    )


def password_field(*, missing: str) -> fields.String:
    return fields.String(required=True, error_messages={"required": missing})


def new_password_field(*, missing: str) -> fields.String:
    """A password that is being chosen; whether it is like the e-mail address shows when it is hashed."""
    return fields.String(required=True, validate=_verify_strong, error_messages={"required": missing})


def _verify_strong(password: str) -> None:
    faults = password_faults(password, email="")
    if faults:
        raise ValidationError(faults)


def choices_field(*, missing: str) -> fields.List[str]:
    """Checkboxes, of which at least one is ticked."""
    return fields.List(fields.String(), required=True, error_messages={"required": missing})


class SetUpForm(FormSchema):
    school_name = fields.String(
        required=True,
        validate=validate.Length(max=SCHOOL_NAME_LENGTH, error=N_("Use at most 200 characters.")),
        error_messages={"required": N_("Type the name of your school, or of your network.")},
    )
    name = name_field(missing=N_("Type your name."))
    email = email_field()
    password = new_password_field(missing=N_("Choose a password."))


class SignInForm(FormSchema):
    email = fields.String(required=True, error_messages={"required": N_("Type your e-mail address.")})
    password = password_field(missing=N_("Type your password."))
    next = fields.String(load_default="", validate=validate.Length(max=NEXT_LENGTH))


class InvitationForm(FormSchema):
    name = name_field(missing=N_("Type your name."))
    password = new_password_field(missing=N_("Choose a password."))


class NewPasswordForm(FormSchema):
    password = new_password_field(missing=N_("Choose a password."))


class NameForm(FormSchema):
    name = name_field(missing=N_("Type your name."))


class LanguageForm(FormSchema):
    language = fields.String(load_default="")


class ChangePasswordForm(FormSchema):
    current = password_field(missing=N_("Type the password that you signed in with."))
    password = new_password_field(missing=N_("Choose a new password."))


class TokenForm(FormSchema):
    LISTS = ("scopes",)
    token_name = name_field(missing=N_("Give the token a name, such as the program that will use it."))
    scopes = choices_field(missing=NO_SCOPE)
    days = fields.Integer(required=True, error_messages={"required": N_("Choose how long it should work.")})


class InviteForm(FormSchema):
    LISTS = ("roles",)
    name = name_field(missing=N_("Type the person's name."))
    email = email_field()
    roles = choices_field(missing=NO_ROLE)


class PersonForm(FormSchema):
    LISTS = ("roles",)
    name = name_field(missing=N_("Type the person's name."))
    roles = choices_field(missing=NO_ROLE)
    version = fields.Integer(required=True)


class EmptyForm(FormSchema):
    """A form that is only a button."""


class AuditQuery(FormSchema):
    by = fields.Integer(load_default=None, validate=validate.Range(min=1, max=2**53 - 1))
    after = fields.Integer(load_default=None, validate=validate.Range(min=1, max=2**53 - 1))
