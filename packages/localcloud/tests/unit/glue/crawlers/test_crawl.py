"""What a crawl makes of objects: classified, grouped, named."""

from __future__ import annotations

import gzip

import pytest

from localcloud.glue.catalog.table_objects import S3Object, is_hidden, split_location
from localcloud.glue.catalog.types import Primitive
from localcloud.glue.crawlers.describe import table_name
from localcloud.glue.crawlers.grouping import CrawledTable, group_at_level, group_files
from localcloud.glue.crawlers.schema import DataFile, FileSchema
from localcloud.glue.crawlers.targets import glob_pattern, s3_targets
from localcloud.glue.crawlers.text import NotClassifiedError, classify_text
from localcloud.plugin.refusals import UnsupportedError

ID = ("id", Primitive("int"))


NAME = ("name", Primitive("string"))


AMOUNT = ("amount", Primitive("double"))


OTHER = ("other", Primitive("string"))


def file(key: str, *columns: tuple[str, Primitive], form: str = "json") -> DataFile:
    return DataFile(S3Object("bucket", key, 10), FileSchema(form, columns))


def shapes(tables: list[CrawledTable]) -> dict[str, list[str]]:
    return {table.root: table.partition_keys for table in tables}


def test_json_arrays_and_concatenated_documents() -> None:
    array = b'[{"a": 1}, {"a": 2.5}]'
    assert [(n, str(k)) for n, k in classify_text(array, len(array)).columns] == [
        ("array", "array<struct<a:double>>")
    ]
    spread = b'{\n "A": 1\n}\n{\n "a": 3000000000, "b": {"cD": true}\n}'
    assert [(n, str(k)) for n, k in classify_text(spread, len(spread)).columns] == [
        ("a", "bigint"),
        ("b", "struct<cD:boolean>"),
    ]


def test_a_sample_that_ends_in_the_middle_of_a_line_or_of_a_gzip_stream() -> None:
    text = b"".join(b'{"id": %d, "text": "%d"}\n' % (n, n * 7919) for n in range(5000))
    found = classify_text(text[:1000], len(text))
    assert [name for name, _ in found.columns] == ["id", "text"]
    assert 4000 < found.records < 7000
    packed = gzip.compress(text)
    assert classify_text(packed[:3000], len(packed)).compression == "gzip"


@pytest.mark.parametrize("sample", [b"", b"one\ntwo\n", b'{"a": \nbroken\n', b"\x00\x01binary", b"a,b\n"])
def test_what_no_classifier_recognises(sample: bytes) -> None:
    with pytest.raises(NotClassifiedError):
        classify_text(sample, len(sample))


def test_csv_quotes_and_blanks() -> None:
    text = b'"name","born","rate"\n"a, b","1980","1.5"\n"c",,\n'
    found = classify_text(text, len(text))
    assert [(n, str(k)) for n, k in found.columns] == [
        ("name", "string"),
        ("born", "bigint"),
        ("rate", "double"),
    ]
    assert (found.parameters["areColumnsQuoted"], found.records) == ("true", 2)


def test_hive_folders_make_one_table_although_columns_were_added() -> None:
    files = [file("t/dt=1/a", ID), file("t/dt=2/a", ID, NAME, AMOUNT)]
    assert shapes(group_files("", files, combine=False)) == {"": ["partition_0", "dt"]}
    assert shapes(group_files("t/", files, combine=False)) == {"t/": ["dt"]}


def test_folders_of_other_schemas_are_tables_unless_combined() -> None:
    files = [file("a/1.json", ID, NAME), file("b/1.json", AMOUNT, OTHER)]
    assert shapes(group_files("", files, combine=False)) == {"a/": [], "b/": []}
    (table,) = group_files("", files, combine=True)
    assert ([name for name, _ in table.columns], table.partition_keys) == (
        ["id", "name", "amount", "other"],
        ["partition_0"],
    )


def test_formats_are_never_combined() -> None:
    files = [file("a/1", ID), file("b/1", ID, form="parquet"), file("c/1", ID), file("c/2", ID, form="csv")]
    assert shapes(group_files("", files, combine=True)) == {"a/": [], "b/": [], "c/1": [], "c/2": []}


def test_tables_at_a_level_count_the_bucket_as_one() -> None:
    files = [file("clean/uk/month=1/a", ID), file("clean/us/month=1/a", ID), file("clean/us/month=2/a", ID)]
    tables = group_at_level(3, "clean/", files, combine=True)
    assert shapes(tables) == {"clean/uk/": ["month"], "clean/us/": ["month"]}
    assert shapes(group_at_level(2, "clean/", files, combine=True)) == {"clean/": ["partition_0", "month"]}


@pytest.mark.parametrize(
    ("glob", "key", "excluded"),
    [
        ("*.csv", "a.csv", True),
        ("*.csv", "x/a.csv", False),
        ("**.csv", "x/a.csv", True),
        ("old/**", "old/x/y", True),
        ("{a,b}?.json", "b1.json", True),
        ("[!a]*", "a1", False),
        ("[ab]*", "b1", True),
    ],
)
def test_exclusions(glob: str, key: str, excluded: bool) -> None:
    assert bool(glob_pattern(glob).fullmatch(key)) is excluded


def test_targets_that_are_not_supported_are_named() -> None:
    assert s3_targets({"S3Targets": [{"Path": "s3://b/"}], "JdbcTargets": []}) == [{"Path": "s3://b/"}]
    assert s3_targets({"JdbcTargets": [{"Path": "x"}]}) == []
    with pytest.raises(UnsupportedError, match="DynamoDBTargets"):
        s3_targets({"DynamoDBTargets": [{"Path": "x"}]})
    with pytest.raises(UnsupportedError, match="EventQueueArn"):
        s3_targets({"S3Targets": [{"Path": "s3://b/", "EventQueueArn": "arn"}]})


def test_names_and_locations() -> None:
    assert table_name("bucket", "clean/UK-Covid/", "P_") == "p_uk_covid"
    assert table_name("my-bucket", "", "") == "my_bucket"
    assert split_location("s3a://b/x/y") == ("b", "x/y")
    assert [is_hidden(key) for key in ("a/_SUCCESS", ".x/a", "a/b")] == [True, True, False]
    with pytest.raises(ValueError, match="`/tmp/x` is not an S3 location"):
        split_location("/tmp/x")
