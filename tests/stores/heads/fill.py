"""Write a node's SQLite database as the rows of a delivered revision: fill DATABASE.sqlite3 OUT.json.gz."""

import sys
from pathlib import Path

from sqlalchemy import create_engine

from tests.stores.heads.rows import dump, write

if __name__ == "__main__":
    database, out = sys.argv[1:]
    with create_engine(f"sqlite:///{Path(database).resolve()}").connect() as connection:
        write(Path(out), dump(connection))
