"""A sentence made of a marked template and its values: English as it stands, another language when it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from gettext import NullTranslations

ENGLISH = NullTranslations()


@dataclass(frozen=True, slots=True)
class Sentence:
    """`template` (and `plural`) stand in the catalogue; `values` fill `{name}`, and may be sentences themselves.

    Args:
        template: marked with `N_` where it is written; the singular where there is a plural.
        values: what fills the braces; a `Sentence` among them is translated too.
        plural: the other form; then `count` chooses and fills `{count}`.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    plural: str | None = None
    count: int = 1

    def said(self, catalogue: NullTranslations = ENGLISH) -> str:
        """The words in the language of `catalogue` (`i18n.translations(language)`)."""
        if self.plural is None:
            template = catalogue.gettext(self.template)
        else:
            template = catalogue.ngettext(self.template, self.plural, self.count)
        values = {
            name: value.said(catalogue) if isinstance(value, Sentence) else value for name, value in self.values.items()
        }
        return template.format(count=self.count, **values)

    def __str__(self) -> str:
        return self.said()
