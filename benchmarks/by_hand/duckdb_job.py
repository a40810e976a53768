"""The five Douyin rules as a careful SQL user judges by them; the same job as pandas_job.py.

``python duckdb_job.py AS_OF FILE...``
"""

from datetime import datetime

import duckdb
from common import ALL, DAMAGED_ID, given, show
from duckdb_reading import cells
from duckdb_rules import COUNTS, KEPT, VERDICTS, named

ROWS = f"""
create table row as
select
    exported,
    line,
    unreadable or coalesce(regexp_full_match(line, '{DAMAGED_ID}'), true) as bad,
    coalesce(created > $as_of, false) as later,
    {KEPT}
from (select *, {VERDICTS} from ({{cells}}))
"""

NEWEST = f"""
create table judged as
select later, {KEPT}
from row
where not bad
qualify row_number() over (partition by line order by exported desc, rowid desc) = 1
"""

ACCOUNTING = """
select
    (select count(*) from row) as rows_read,
    (select count(*) from judged where not later) as lines,
    (select count(*) from row where bad) as quarantined,
    (select count(*) from row where not bad) - (select count(*) from judged) as superseded,
    (select count(*) from judged where later) as later
"""


def accounted(db: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return where the rows went."""
    counted = db.execute(ACCOUNTING)
    names = [column[0] for column in counted.description]
    return dict(zip(names, counted.fetchall()[0], strict=True))


def main() -> None:
    """Read the command line, print the answer."""
    text, paths = given()
    db = duckdb.connect()
    reports = [
        f"select *, {number} as exported from ({cells(db, path, ALL)})"
        for number, path in enumerate(paths)
    ]
    as_of = {"as_of": datetime.fromisoformat(text)}
    db.execute(ROWS.format(cells=" union all ".join(reports)), as_of)
    db.execute(NEWEST)
    accounting = accounted(db)
    db.execute("delete from judged where later")
    show(named(db.execute(COUNTS).fetchall()), accounting)


if __name__ == "__main__":
    main()
