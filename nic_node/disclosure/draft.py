"""What the pipeline works on: a record in the making, and what was found on the way."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from gettext import NullTranslations
from hashlib import sha256
from typing import Any, Literal

from federation.effects import Effect
from nic_node.disclosure.linked import Term
from nic_node.disclosure.printer import PrintMeasure
from nic_node.disclosure.released import Released
from nic_node.disclosure.snapshot import ExactMeasure, Snapshot
from nic_node.disclosure.text.allow_list import AllowList
from nic_node.disclosure.text.marks import Mark
from nic_node.disclosure.text.roster import Roster
from schemas.canonical import canonical_bytes

Stage = Literal["fields", "vocabulary", "cells", "rung", "context", "text", "history", "intruder", "review"]
Severity = Literal["info", "ask", "block"]
Rung = Literal["measured", "direction", "described"]
Kind = Literal["practice", "replication", "question", "answer"]
Answer = Literal["programme", "own", "person", "place"]
ENGLISH = NullTranslations()


@dataclass(frozen=True, slots=True)
class Phrase:
    """A marked template and what fills its braces; another phrase among the values is translated too."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def said(self, catalogue: NullTranslations = ENGLISH) -> str:
        """The words in a language."""
        values = {
            name: value.said(catalogue) if isinstance(value, Phrase) else value for name, value in self.values.items()
        }
        return catalogue.gettext(self.template).format(**values)

    def __str__(self) -> str:
        return self.said()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a stage found. info: it was dealt with; ask: a person decides; block: nothing leaves as long as it stands.

    path: JSON pointer into the record (of a measure: into the snapshot's measures). span: code points of `before`.
    """

    stage: Stage
    code: str
    severity: Severity
    path: str
    span: tuple[int, int] | None = None
    before: str | None = None
    after: str | None = None
    source: str | None = None

    @property
    def key(self) -> str:
        """Names the finding, so that a decision about it outlives another preparation of the same text."""
        told = [self.stage, self.code, self.path, self.span, self.before, self.after]
        return sha256(json.dumps(told).encode()).hexdigest()[:16]

    def document(self) -> dict[str, Any]:
        """As `nic practice preview` prints it."""
        return {
            "stage": self.stage,
            "code": self.code,
            "severity": self.severity,
            "path": self.path,
            "span": list(self.span) if self.span else None,
            "before": self.before,
            "after": self.after,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of 'Numbers and their rules': what a number is here, as what it leaves (None: not at all), and why."""

    path: str
    measure: str
    label: str | None
    at: str
    comparison: bool
    here: Phrase
    leaves: Phrase | None
    rule: Phrase


@dataclass(frozen=True, slots=True)
class OutMark:
    """A mark in the text before, and where its replacement (or itself, if it stays) stands in the text after."""

    mark: Mark
    after: tuple[int, int]


@dataclass(frozen=True, slots=True)
class TextChange:
    """One text: as the author typed it, as the reviewer reworded it (else the same), as it leaves."""

    path: str
    typed: str
    before: str
    after: str
    marks: tuple[OutMark, ...]


@dataclass(frozen=True, slots=True)
class Effects:
    """The outcome's effect, positive is better: from the exact numbers, and from what is printed."""

    exact: Effect | None = None
    printed: Effect | None = None


@dataclass(frozen=True, slots=True)
class ContextProfile:
    """A school's exact profile: it stays here. Percentages 0 to 100; `locale` an NCES code; None: not known."""

    level: str
    locale: int | None = None
    enrolment: int | None = None
    lunch: float | None = None
    english_learners: float | None = None
    disabilities: float | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Canary:
    """What is in no byte that leaves: a host, key, id or e-mail domain of this school, and of which kind it is."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class DirectorySchools:
    """Schools of a public directory that are alike: how many, and for each attribute the bands that hold them.

    An attribute that the directory does not know is left out of `bands`: then nobody can rule them out by it.
    """

    bands: Mapping[str, tuple[str, ...]]
    schools: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the intruder knows or looks for: members issued in the term (None: no term), a directory, canaries."""

    issued: int | None = None
    directory: tuple[DirectorySchools, ...] | None = None
    canaries: tuple[Canary, ...] = ()


@dataclass(frozen=True, slots=True)
class Matches:
    """Who it could be. sure: members that match all records, by the terms' promises; None: not asked."""

    sure: int | None = None
    issued: int | None = None
    directory: int | None = None


@dataclass(frozen=True)
class Given:
    """What a preparation is given beside the snapshot.

    `practice` names the project whose versions count together; `earlier` is all that was released before;
    `linked_terms`, by the hash of their lattice, are the terms in which that was. `left_out`: JSON pointers of
    measures ('/measures/0', of the snapshot) and of '/context' that a person keeps here.
    """

    roster: Roster
    allow_list: AllowList
    policy: Mapping[str, Any]
    lattice: Mapping[str, Any] | None
    profile: ContextProfile | None
    today: date
    print_measure: PrintMeasure
    edits: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Answer] = field(default_factory=dict)
    practice: int = 0
    earlier: tuple[Released, ...] = ()
    linked_terms: Mapping[str, Term] = field(default_factory=dict)
    surroundings: Surroundings = field(default_factory=Surroundings)
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Draft:
    """A record in the making. Each stage takes one and gives the next, with its findings added.

    snapshot: of the project; None for a question or an answer, which come from none.
    """

    snapshot: Snapshot | None
    kind: Kind
    record: dict[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    cells: tuple[Cell, ...] = ()
    texts: tuple[TextChange, ...] = ()
    effects: Effects = field(default_factory=Effects)
    printed: Mapping[int, dict[str, Any]] = field(default_factory=dict)  # by index of the snapshot's measures
    matches: Matches = field(default_factory=Matches)

    @property
    def project(self) -> Snapshot:
        """The snapshot of a draft that has one."""
        assert self.snapshot is not None
        return self.snapshot

    @property
    def rung(self) -> Rung | None:
        """None where nothing about results could leave: of a question or an answer."""
        rung: Rung | None = self.record.get("rung")
        return rung

    @property
    def direction(self) -> str | None:
        return self.record.get("direction")

    @property
    def context_class(self) -> str | None:
        """The id of the class that the record shows; None where no context leaves."""
        context = self.record.get("context")
        return context["class"] if context else None

    @property
    def blocked(self) -> bool:
        return any(finding.severity == "block" for finding in self.findings)

    @property
    def questions(self) -> tuple[Finding, ...]:
        """What a person has to decide."""
        return tuple(finding for finding in self.findings if finding.severity == "ask")

    @property
    def record_bytes(self) -> bytes:
        """The canonical bytes that an approval binds to; InvalidDocument where a blocked draft has none."""
        return canonical_bytes(self.record)

    @property
    def sha256(self) -> str:
        """Hex hash of `record_bytes`."""
        return sha256(self.record_bytes).hexdigest()

    def document(self) -> dict[str, Any]:
        """The answer of `nic practice preview`."""
        return {
            "record": self.record,
            "findings": [finding.document() for finding in self.findings],
            "blocked": self.blocked,
            "rung": self.rung,
        }


def outcome_of(snapshot: Snapshot) -> tuple[int, ExactMeasure] | None:
    """The measure that the aim names, of the whole group first, with its index; None where there is none."""
    aim = snapshot.aim
    if aim is None:
        return None
    found = [
        (index, measure)
        for index, measure in enumerate(snapshot.measures)
        if (measure.measure, measure.label) == (aim.measure, aim.label) and measure.unit != "count"
    ]
    return min(found, key=lambda entry: entry[1].part_of is not None, default=None)
