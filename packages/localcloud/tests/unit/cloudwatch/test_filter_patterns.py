"""Filter patterns of CloudWatch Logs, by the examples of its guide."""

from __future__ import annotations

import pytest

from localcloud.cloudwatch.filter_patterns import InvalidPatternError, compiled

JSON = (
    '{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", '
    '"arrayKey": ["value", "another value"], '
    '"objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}], '
    '"SomeObject": null, "cluster.name": "c", '
    '"a": 2, "latency": 12.5, "ok": true, "user": {"email": "John.Stiles@example.com", "id": "3"}}'
)
LINE = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("", "anything", None),
        ("ERROR", "[ERROR 400] BAD", "[error 400] bad"),
        ("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", "[ERROR 400] BAD REQUEST"),
        ("?ERROR ?ARGUMENTS", "[419] MISSING ARGUMENTS", "INFO"),
        ("?one ?two", "two", "three"),
        ("ERROR -ARGUMENTS", "ERROR 400", "ERROR MISSING ARGUMENTS"),
        ("ERROR ?other", "ERROR", "other"),
        ('"INTERNAL SERVER ERROR"', "[ERROR 500] INTERNAL SERVER ERROR", "INTERNAL ERROR SERVER"),
        ('"[ERROR"', "[ERROR 1]", "ERROR"),
        ('-"two words"', "two, words", "two words"),
        (r'"a \"quoted\" word"', 'a "quoted" word', "a quoted word"),
        ("%AUTHORIZED%", "UNAUTHORIZED", "authorized"),
        ("%^[A-Z]{2}[0-9]+$%", "AB12", "AB12x"),
        ("ERROR %4[0-9]{2}%", "ERROR 404", "ERROR 500"),
        ('{ $.eventType = "UpdateTrail" }', JSON, "{}"),
        ("{ $.a = 2 }", JSON, '{"a": 3}'),
        ("{ $.a = 2 }", JSON, "a = 2"),
        ("{ $.a = 2.0 }", JSON, '{"b": 2}'),
        ("{ $.a != 3 }", JSON, '{"a": 3}'),
        ("{ $.latency > 12 }", JSON, '{"latency": 12}'),
        ("{ $.latency >= 12.5 && $.a < 3 }", JSON, '{"latency": 12.5, "a": 3}'),
        ("{ ($.a = 9 || $.a = 2) && $.eventType = Update* }", JSON, '{"a": 2}'),
        ('{ $.sourceIPAddress = "111.*" }', JSON, '{"sourceIPAddress": "10.0.0.1"}'),
        ("{ $.sourceIPAddress != 123.* }", JSON, '{"sourceIPAddress": "123.1"}'),
        ('{ $.arrayKey[0] = "value" }', JSON, '{"arrayKey": ["x", "value"]}'),
        ('{ $.arrayKey[*] = "another value" }', JSON, '{"arrayKey": []}'),
        ("{ $.objectList[1].id = 2 }", JSON, '{"objectList": [{"id": 2}]}'),
        ("{ $.user.id = 3 }", JSON, '{"user": 3}'),
        ("{ $.user.email = %@example% }", JSON, '{"user": {"email": "x"}}'),
        ("{ $.['cluster.name'] = \"c\" }".replace("$.[", "$["), JSON, '{"cluster": {"name": "c"}}'),
        ("{ $.SomeObject IS NULL }", JSON, '{"SomeObject": 1}'),
        ("{ $.SomeOtherObject NOT EXISTS }", JSON, '{"SomeOtherObject": null}'),
        ("{ $.ok IS TRUE }", JSON, '{"ok": false}'),
        ("{ $.* = 2 }", JSON, '{"x": 3}'),
        ("[ip, user, username, timestamp, request, status_code, bytes]", LINE, "too few fields"),
        ("[ip, user, name, at, request, code = 4*, bytes > 1000]", LINE, LINE.replace("404", "200")),
        ("[ip, ..., status_code = 404, bytes]", LINE, LINE.replace("404", "500")),
        ("[..., bytes > 2000]", LINE.replace("1534", "2001"), LINE),
        ("[ip != 10.*, ...]", LINE, "10.0.0.1 Prod"),
        ("[ip, user, name, at, request = *html*, c = 404 || c = 410, ...]", LINE, LINE.replace("404", "403")),
        ('[w1 = "frank" || w1 = "127.0.0.1", ...]', LINE, "x y"),
    ],
)  # fmt: skip
def test_a_pattern_matches_what_aws_says(pattern: str, matching: str, other: str | None) -> None:
    matches = compiled(pattern)
    assert matches(matching)
    assert other is None or not matches(other)


@pytest.mark.parametrize(
    "pattern",
    [
        "ERROR: failed",
        "a.b",
        "{ $.a = 2",
        "{ a = 2 }",
        "{ $.a }",
        "{ $.a > text }",
        "{ $.a = 2 $.b = 3 }",
        "{ ($.a = 2 }",
        "{ $.a IS maybe }",
        "[a, b",
        "[..., a, ...]",
        "%[%",
    ],
)
def test_a_malformed_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPatternError, match="Invalid"):
        compiled(pattern)
