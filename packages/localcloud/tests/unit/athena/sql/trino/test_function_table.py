"""Which of Trino's functions are done here: the table in the repository is what the code claims."""

from __future__ import annotations

from pathlib import Path

from localcloud.athena.sql.trino import function_table


def test_the_table_is_current() -> None:
    committed = Path(function_table.__file__).with_suffix(".md").read_text(encoding="utf-8")
    assert committed == f"{function_table.table()}\n"


def test_forms_of_functions() -> None:
    assert function_table.forms("strpos")[0] == "strpos(varchar, varchar) -> bigint"
    assert function_table.forms("coalesce") == [function_table.SPECIAL]
    assert function_table.forms("xxhash64") == []
