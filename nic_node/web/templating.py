"""Pages from Jinja templates: one loader by room, gettext in every template, links by route name."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web
from jinja2 import meta, nodes
from jinja2.environment import TemplateModule
from markupsafe import Markup, escape

from nic_node import i18n
from nic_node.config import Config
from nic_node.web import context, flash
from nic_node.web.csrf import form_token
from nic_node.web.drawings import SHELL_BYTES, SHELL_DRAWINGS, Drawings, shell_part
from nic_node.web.field_words import FIELD_WORDS
from nic_node.web.language import speaking, spoken, words_of
from nic_node.web.visitor import visitor

STATIC = Path(__file__).parent / "static"
STATIC_URL = "/static/"
HTMX_HEADER = "HX-Request"


def template_loader(rooms: Mapping[str, Path]) -> jinja2.BaseLoader:
    """'projects/show.html' is found in the folder that `rooms` names for 'projects'."""
    return jinja2.PrefixLoader({room: jinja2.FileSystemLoader(folder) for room, folder in rooms.items()})


def install_templates(app: web.Application, rooms: Mapping[str, Path], config: Config) -> None:
    environment = aiohttp_jinja2.setup(
        app,
        loader=template_loader(rooms),
        enable_async=False,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.template_class = PageTemplate
    install_words(environment, config.language)
    environment.globals["url"] = partial(path_of, app)
    environment.globals["field_words"] = FIELD_WORDS
    app[SHELL_DRAWINGS] = Drawings(SHELL_BYTES)
    environment.globals["shell_part"] = shell_part
    environment.globals["static"] = StaticUrls(STATIC)
    environment.filters["day"] = partial(_in_words, i18n.day, config)
    environment.filters["weekday"] = partial(_in_words, i18n.weekday, config)
    environment.filters["short_day"] = partial(_in_words, i18n.short_day, config)
    environment.filters["moment"] = partial(_in_words, i18n.moment, config)
    environment.filters["clock"] = partial(_in_words, i18n.clock, config)
    environment.filters["percent"] = i18n.percent


def install_words(environment: jinja2.Environment, language: str) -> None:
    """As newstyle gettext, but what comes in is escaped like any other text: `_(sentence)` is never a hole.

    Args:
        language: of what is written outside of `language.speaking`.
    """
    environment.globals["gettext"] = environment.globals["_"] = partial(_translate, language)
    environment.globals["ngettext"] = partial(_translate_plural, language)


class PageTemplate(jinja2.Template):
    """A template whose module is made once where it uses nothing of the page that imports it.

    Jinja makes the module of each import 'with context' anew for each page, and most macros use only what they are
    given: what is told here by reading them. Their words are each page's own: they are said as a macro is called.
    """

    _uses_page: bool | None = None
    _made: TemplateModule | None = None

    def make_module(self, *page: Any, **more: Any) -> TemplateModule:
        if self.uses_page:
            return super().make_module(*page, **more)
        if self._made is None:
            self._made = super().make_module()
        return self._made

    @property
    def uses_page(self) -> bool:
        if self._uses_page is None:
            self._uses_page = self._looks_around()
        return self._uses_page

    def _looks_around(self) -> bool:
        """Whether it names a variable that neither it nor the environment has, or imports what does."""
        environment: jinja2.Environment = self.environment
        if self.filename is None:
            return True
        tree = environment.parse(Path(self.filename).read_text(encoding="utf-8"))
        others = set(tree.find_all((nodes.Extends, nodes.Include, nodes.FromImport)))
        if others or _speaks_outside_macros(tree) or meta.find_undeclared_variables(tree) - environment.globals.keys():
            return True
        return any(self._is_looking(imported) for imported in tree.find_all(nodes.Import) if imported.with_context)

    def _is_looking(self, imported: nodes.Import) -> bool:
        if not isinstance(imported.template, nodes.Const):
            return True
        other = self.environment.get_template(imported.template.value)
        return not isinstance(other, PageTemplate) or other.uses_page


def _speaks_outside_macros(node: nodes.Node) -> bool:
    """Whether something is said as the module is made, in the language of the page that is the first to import it."""
    if isinstance(node, nodes.Macro):
        return False
    if isinstance(node, nodes.Name) and node.name in ("_", "gettext", "ngettext"):
        return True
    return any(map(_speaks_outside_macros, node.iter_child_nodes()))


class StaticUrls:
    """`static('style.css')` -> an address that changes with the file, so that it can be cached for ever."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, str] = {}

    def __call__(self, path: str) -> str:
        if path not in self._known:
            digest = hashlib.sha256((self._folder / path).read_bytes()).hexdigest()[:12]
            self._known[path] = f"{STATIC_URL}{path}?v={digest}"
        return self._known[path]


def _catalogue(otherwise: str) -> NullTranslations:
    return i18n.translations(spoken(otherwise))


def _translate(otherwise: str, sentence: str, **values: object) -> Markup:
    translated = escape(i18n.say(sentence, _catalogue(otherwise))) if sentence else Markup()
    if isinstance(sentence, i18n.Filled):
        return translated
    # With values a percent sign is written twice, without them it may be.
    return translated % values if values else translated.replace("%%", "%")


def _translate_plural(otherwise: str, one: str, many: str, num: int, **values: object) -> Markup:
    return escape(_catalogue(otherwise).ngettext(one, many, num)) % {"num": num, **values}


async def render(
    request: web.Request, template: str, values: Mapping[str, Any] | None = None, *, status: int = 200
) -> web.Response:
    """A page inside the shell, or, for an htmx request, whatever the template makes of `fragment`."""
    shell = await request.config_dict[context.SHELL](request)
    catalogue, language = words_of(request)
    around = {
        "lang": language,
        "person": visitor(request),
        "csrf_token": form_token(request),
        "flashes": flash.taken(request, catalogue),
        "fragment": is_fragment_wanted(request),
        "path": request.path,
        "shell_drawings": request.app[SHELL_DRAWINGS],
        **shell,
    }
    if values and values.keys() & around.keys():
        around["shell_key"] = None  # the page has a shell of its own
    everything = {**around, **(values or {})}
    with speaking(language):
        response = aiohttp_jinja2.render_template(template, request, everything, status=status)
    response.headers["Cache-Control"] = "no-store"
    if everything["flashes"]:
        flash.forget(response)
    return response


def see_other(request: web.Request, name: str, **parts: object) -> web.Response:
    """Go to the page `name` after a form was taken (303)."""
    return web.Response(status=303, headers={"Location": path_of(request.app, name, **parts)})


def path_of(app: web.Application, name: str, **parts: object) -> str:
    """The path of a route; `query` (a dict) becomes its query string, `fragment` its anchor."""
    resource = app.router[name]
    if not parts and isinstance(resource, web.PlainResource):
        return resource.canonical
    query = parts.pop("query", None)
    fragment = parts.pop("anchor", None)
    address = resource.url_for(**{key: str(value) for key, value in parts.items()})
    if isinstance(query, Mapping):
        address = address.with_query({key: str(value) for key, value in query.items()})
    if fragment is not None:
        address = address.with_fragment(str(fragment))
    return str(address)


def is_fragment_wanted(request: web.Request) -> bool:
    """Whether htmx asks for a part of the page that it puts into another one."""
    return HTMX_HEADER in request.headers


def _in_words(write: Any, config: Config, value: date | datetime | str | None) -> str:
    return "" if value in (None, "") else write(value, spoken(config.language), config.time_zone)
