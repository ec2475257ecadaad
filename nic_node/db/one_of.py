"""`column IN (many values)` with one value bound: a statement of the same text however many there are."""

import json
from collections.abc import Sequence
from typing import Any, Self, TypeVar

from sqlalchemy import ARRAY, Boolean, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

Value = TypeVar("Value")


class one_of(FunctionElement[bool]):  # noqa: N801 - read in statements as a function of SQL
    """Whether a column holds one of these numbers or texts.

    `in_` writes a name for each value, which takes SQLAlchemy longer than the look-ups take SQLite.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: InstrumentedAttribute[Value], values: Sequence[Value]) -> None:
        super().__init__(column, bindparam(None, values, _Listed(column.type), unique=True))

    def self_group(self, against: OperatorType | None = None) -> Self:
        """As it is written: of functions SQLite is asked `= 1`, and then looks nothing up."""
        return self


class _Listed(TypeDecorator[Sequence[Any]]):
    """An array where the database has them, else the text of one in JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.of))

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value

    process_literal_param = process_bind_param


@compiles(one_of, "sqlite")
def _in_json(element: one_of, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both written by the compiler


@compiles(one_of)
def _in_array(element: one_of, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY ({values})"
