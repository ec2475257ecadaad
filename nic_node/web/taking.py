"""One way for forms that change something: done, or the same page with what was typed and why it was not taken."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import Conflict, InvalidInput
from nic_node.web.context import database
from nic_node.web.forms import Form, FormSchema, read_form
from nic_node.web.routes import FORM_BYTES

Made = TypeVar("Made")


async def take_form(
    request: web.Request,
    schema: FormSchema,
    work: Callable[[AsyncSession, dict[str, Any]], Awaitable[Made]],
    done: Callable[[Made], web.Response],
    again: Callable[[Form, int], Awaitable[web.Response]],
    *,
    max_bytes: int = FORM_BYTES,
) -> web.Response:
    """Read a form and do its work in one transaction.

    Args:
        work: with the session and what the schema made of the form.
        done: where to go then.
        again: the page once more, with this form and this status: 422, or 409 when somebody else was faster.
    """
    form = await read_form(request, schema, max_bytes=max_bytes)
    if not form.ok:
        return await again(form, 422)
    try:
        async with database(request).writing() as session:
            made = await work(session, form.data)
        return done(made)
    except InvalidInput as error:
        form.refuse(error)
        return await again(form, 422)
    except Conflict as error:
        form.errors[""] = [error.sentence]
        return await again(form, 409)
