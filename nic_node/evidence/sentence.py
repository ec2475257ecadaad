"""A sentence made of a marked template and its values: English as it stands, another language when it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from gettext import NullTranslations

ENGLISH = NullTranslations()


@dataclass(frozen=True, slots=True)
class Sentence:
    """`template` is marked with `N_` where it is written; `values` fill its `{names}`, and may be sentences too."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def said(self, catalogue: NullTranslations = ENGLISH) -> str:
        """The words in the language of `catalogue` (`i18n.translations(language)`)."""
        values = {
            name: value.said(catalogue) if isinstance(value, Sentence) else value for name, value in self.values.items()
        }
        return catalogue.gettext(self.template).format(**values)

    def __str__(self) -> str:
        return self.said()
