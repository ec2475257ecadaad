"""The forms of this room."""

from marshmallow import fields, validate

from nic_node.accounts.tables import EMAIL_LENGTH, NAME_LENGTH
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


def roles_field() -> fields.List[str]:
    return fields.List(fields.String(), load_default=list)


def version_field() -> fields.Integer:
    return fields.Integer(required=True)


class SetUpForm(FormSchema):
    school_name = fields.String(
        required=True,
        validate=validate.Length(max=SCHOOL_NAME_LENGTH, error=N_("Use at most 200 characters.")),
        error_messages={"required": N_("Type the name of your school, or of your network.")},
    )
    name = name_field(missing=N_("Type your name."))
    email = email_field()
    password = password_field(missing=N_("Choose a password."))


class SignInForm(FormSchema):
    email = fields.String(required=True, error_messages={"required": N_("Type your e-mail address.")})
    password = password_field(missing=N_("Type your password."))
    next = fields.String(load_default="", validate=validate.Length(max=NEXT_LENGTH))


class InvitationForm(FormSchema):
    name = name_field(missing=N_("Type your name."))
    password = password_field(missing=N_("Choose a password."))


class NewPasswordForm(FormSchema):
    password = password_field(missing=N_("Choose a password."))


class NameForm(FormSchema):
    name = name_field(missing=N_("Type your name."))


class ChangePasswordForm(FormSchema):
    current = password_field(missing=N_("Type the password that you signed in with."))
    password = password_field(missing=N_("Choose a new password."))


class TokenForm(FormSchema):
    LISTS = ("scopes",)
    token_name = name_field(missing=N_("Give the token a name, such as the program that will use it."))
    scopes = fields.List(fields.String(), load_default=list)
    days = fields.Integer(required=True, error_messages={"required": N_("Choose how long it should work.")})


class InviteForm(FormSchema):
    LISTS = ("roles",)
    name = name_field(missing=N_("Type the person's name."))
    email = email_field()
    roles = roles_field()


class PersonForm(FormSchema):
    LISTS = ("roles",)
    name = name_field(missing=N_("Type the person's name."))
    roles = roles_field()
    version = version_field()


class EmptyForm(FormSchema):
    """A form that is only a button."""


class AuditQuery(FormSchema):
    after = fields.Integer(load_default=None, validate=validate.Range(min=1, max=2**53 - 1))
