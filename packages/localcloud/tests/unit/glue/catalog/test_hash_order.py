"""The order of a table's parameters: Java's, worked by hand from its hash codes."""

from __future__ import annotations

import string

from localcloud.glue.catalog.hash_order import in_hash_order


def test_parameters_come_in_the_order_of_a_java_hash_map() -> None:
    names = ["classification", "compressionType", "typeOfData", "projection.enabled"]
    assert list(in_hash_order(dict.fromkeys(names, "x"))) == [
        "compressionType",
        "classification",
        "projection.enabled",
        "typeOfData",
    ]
    letters = dict.fromkeys("zyxwvutsrqponmlkjihgfedcba", "x")
    assert "".join(in_hash_order(letters)) == string.ascii_lowercase
    assert in_hash_order({"a": "1"}) == {"a": "1"}
