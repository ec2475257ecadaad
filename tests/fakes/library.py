"""A library as the mirror keeps it, filled by hand: payloads in, rows that may be shown out."""

from typing import Any

from nic_node.db.engine import Database
from nic_node.membership.documents import keep_copy
from nic_node.mirror.describe import build_properties
from nic_node.mirror.full_text import add_texts
from nic_node.mirror.shelf import shelf_changed
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorBlob, MirrorLog, MirrorProperties, MirrorRecord, MirrorReference
from nic_node.mirror.versions import keep_versions
from nic_node.mirror.words import index_text
from schemas.canonical import canonical_bytes, sha256_hex
from schemas.ids import build_record_id
from schemas.practice import PAYLOADS
from tests.conftest import TestClock
from tests.fakes.mirroring import membership_row
from tests.fakes.network_log import NetworkLog

CLASSES = {
    "rural": {
        "level": "middle",
        "locale": "town-rural",
        "enrolment": "300-500",
        "lunch": "60-up",
        "english_learners": "0-5",
        "disabilities": "12-16",
        "stage": "any",
    },
    "city": {
        "level": "middle",
        "locale": "city",
        "enrolment": "500-up",
        "lunch": "60-up",
        "english_learners": "15-up",
        "disabilities": "any",
        "stage": "any",
    },
    "tall": {
        "level": "high",
        "locale": "city-suburb",
        "enrolment": "1200-up",
        "lunch": "0-40",
        "english_learners": "any",
        "disabilities": "any",
        "stage": "any",
    },
}

TEXTING = {
    "title": "Same-day text by 9:15, a call on the second day",
    "problem": {
        "category": "chronic-absence",
        "grade_bands": ["6-8"],
        "statement": "Families hear of an absence days later, and nobody asks what would help.",
    },
    "aim": {"measure": "absent-10pct-window", "better": "down", "by_days": 45},
    "idea": {
        "category": "two-way-texting",
        "summary": "Families hear from a person they know within an hour of the bell and can answer.",
    },
    "steps": [
        {"who": "aide", "does": "Text each absent student's family by 9:15", "how_often": "daily", "minutes": 25},
        {"who": "aide", "does": "Ask one question: What would help?", "how_often": "same text"},
        {"who": "counsellor", "does": "On the second day in a row, call", "how_often": "daily", "minutes": 15},
        {"does": "Read replies for help", "how_often": "every Friday", "minutes": 20},
    ],
    "core": [0, 1, 2],
    "adaptable": [{"what": "Wording, language, who signs the text"}],
    "dose": {"weeks": 7, "sessions_a_week": 5, "minutes": 25},
    "cost": {"cost_band": "under-500", "staff_time_band": "3-8h"},
    "materials": [
        {"kind": "letter", "title": "First-day text", "text": "Good morning.\nWe missed [student] today."},
        {"kind": "script", "title": "Call script", "text": "Ask first, tell second."},
    ],
    "supports": ["schedule"],
    "conditions": "The aide had the first half hour free.",
    "measures": [
        {
            "measure": "absent-10pct-window",
            "definition_version": 1,
            "kind": "outcome",
            "unit": "proportion",
            "window": "20-school-days",
            "design": "comparison-group",
            "season": "ruled-out",
            "points": [
                {"at": "baseline", "n": 60, "band": [40, 45]},
                {"at": "middle", "n": 60, "band": [25, 30]},
                {"at": "end", "n": 60, "band": [20, 25]},
            ],
            "comparison": [
                {"at": "baseline", "n": 60, "band": [35, 40]},
                {"at": "end", "n": 60, "band": [35, 40]},
            ],
        }
    ],
    "rung": "measured",
    "direction": "better",
    "aim_result": "reached",
    "decision": "adopt",
    "lessons": {"worked": "The text before 9:15.", "watch_out": "Somebody has to read the answers."},
}


def with_bands(start: tuple[int, int], end: tuple[int, int], **changes: Any) -> dict[str, Any]:
    """TEXTING with other printed ends; the comparison stays."""
    points = [{"at": "baseline", "n": 60, "band": list(start)}, {"at": "end", "n": 60, "band": list(end)}]
    return {**TEXTING, "measures": [{**TEXTING["measures"][0], "points": points}], **changes}


def described(title: str, idea: str, **changes: Any) -> dict[str, Any]:
    """A practice without numbers."""
    plain = {
        "title": title,
        "problem": {"category": "chronic-absence", "grade_bands": ["6-8"]},
        "idea": {"category": idea},
        "rung": "described",
        "decision": "adopt",
    }
    return plain | changes


class Library:
    """One network's log in a node's database."""

    def __init__(self, database: Database, clock: TestClock) -> None:
        self.database = database
        self.clock = clock
        self.network = NetworkLog()
        self.origin = self.network.origin
        self.log_id = 0
        self.size = 12
        classes = [{"id": name, "bands": bands} for name, bands in CLASSES.items()]
        self.lattice = self.network.lattice | {"classes": classes}
        self.lattice_sha256 = sha256_hex(canonical_bytes(self.lattice))

    async def open(self, *, state: str = "approved", log_state: str = "live") -> None:
        """A membership, its log, and the lattice that its epoch names."""
        async with self.database.writing() as session:
            membership = membership_row(self.network, "http://127.0.0.1:1/log", self.clock, state)
            session.add(membership)
            await session.flush()
            log = MirrorLog(
                membership_id=membership.id,
                network=self.network.network,
                generation=1,
                origin=self.origin,
                log_url="http://127.0.0.1:1/log",
                log_key=self.network.log_key.text,
                state=log_state,
                edge=b"",
                judged_version=1,
                current_at=self.clock(),
                created_at=self.clock(),
            )
            session.add(log)
            await keep_copy(
                session,
                network=self.network.network,
                sha256=self.lattice_sha256,
                content=canonical_bytes(self.lattice),
                now=self.clock(),
            )
            await session.flush()
            self.log_id = log.id

    async def add(
        self,
        payload: dict[str, Any],
        author: str,
        *,
        context: str | None = None,
        kind: str = "practice",
        epoch: int = 1,
    ) -> str:
        """Keep a record that was judged; answers its record id."""
        shown = {"lattice_sha256": self.lattice_sha256, "class": context}
        payload = payload | ({"context": shown} if context else {})
        PAYLOADS[kind].load(payload)
        index, self.size = self.size, self.size + 1
        content = canonical_bytes({"kind": kind, "payload": payload})
        async with self.database.writing() as session:
            await shelf_changed(session)
            record = MirrorRecord(
                log_id=self.log_id,
                leaf_index=index,
                kind=kind,
                jkt=author.ljust(43, "-"),
                epoch=epoch,
                blob_sha256=sha256_hex(content),
                state=RecordState.LIVING.value,
            )
            session.add(record)
            await session.flush()
            session.add(MirrorBlob(record_id=record.id, content=content, is_indexed=True))
            properties = build_properties(payload, self.lattice if context else None)
            session.add(MirrorProperties(record_id=record.id, **properties._asdict()))
            for name in ("origin", "supersedes", "target", "practice"):
                if name in payload:
                    session.add(
                        MirrorReference(
                            record_id=record.id, name=name, target=payload[name], jkt=record.jkt, leaf_index=index
                        )
                    )
            if "supersedes" in payload:
                await keep_versions(session, {record.id: payload})
            await add_texts(session, [(record.id, *index_text(kind, payload))])
        return build_record_id(self.origin, index)

    async def replicate(self, origin: str, payload: dict[str, Any], author: str, **more: Any) -> str:
        changed = {"origin": origin, "kept": [0, 1], "changed": [{"what": "The homeroom teacher signs the text"}]}
        return await self.add(payload | changed, author, kind="replication", **more)
