"""What a DuckDB needs to run the SQL that the analysis writes: macros, and one function of Python."""

from __future__ import annotations

from typing import Any

from localcloud.athena.sql.trino.functions import texts
from localcloud.plugin import refusals


def fail(message: str, _value: str) -> bool:
    """Fail the query with a message. DuckDB's own error() may not stand in TRY.

    The second argument is of the row that fails: a call with nothing but constants DuckDB makes too early.
    """
    raise ValueError(message)


def prepare_engine(connection: Any) -> None:
    """Let a connection run what the analysis writes."""
    connection.create_function("trino_fail", fail, ["VARCHAR", "VARCHAR"], "BOOLEAN", null_handling="special")
    # The rewriter works out constants in advance, and with them the errors of branches that are not taken.
    connection.execute("SET TimeZone='UTC'; SET disabled_optimizers='expression_rewriter'")
    connection.execute("SET VARIABLE trino_regions = (SELECT list(name) FROM pg_timezone_names())")
    connection.execute(f"BEGIN; {MACROS} COMMIT")


_WORDS = {
    "@MOMENT@": texts.MOMENT,
    "@TIMESTAMP@": texts.TIMESTAMP,
    "@REGION@": texts.REGION,
    "@UTC@": texts.UTC,
    "@ZONE@": texts.ZONE,
    "@UNKNOWN_ZONE@": refusals.not_supported("a time zone that DuckDB does not know by this name"),
    "@OTHER_ZONE@": refusals.not_supported("a time zone other than UTC"),
}
MACROS = """
CREATE MACRO trino_divisor(b) AS CASE WHEN b = 0
  THEN CASE WHEN trino_fail('DIVISION_BY_ZERO: Division by zero', CAST(b AS VARCHAR)) THEN NULL END ELSE
  b END;
CREATE MACRO trino_divide(a, b) AS CASE WHEN b = 0 THEN
  CASE WHEN isnan(a) OR a = 0 THEN CAST('NaN' AS DOUBLE) WHEN a > 0 THEN CAST('Infinity' AS DOUBLE)
  ELSE CAST('-Infinity' AS DOUBLE) END ELSE a / b END;
CREATE MACRO trino_remainder(a, b) AS CASE WHEN b = 0 THEN CAST('NaN' AS DOUBLE) ELSE a % b END;
CREATE MACRO trino_cast(parsed, t, complaint) AS CASE WHEN parsed IS NULL AND t IS NOT NULL
  THEN CASE WHEN trino_fail(replace(complaint, '?', t), t) THEN NULL END ELSE parsed END;
CREATE MACRO trino_random(low, high, complaint) AS CASE WHEN high <= low
  THEN CASE WHEN trino_fail('INVALID_FUNCTION_ARGUMENT: ' || complaint, CAST(high AS VARCHAR)) THEN NULL END
  ELSE floor(low + random() * (high - low)) END;
CREATE MACRO trino_zone(t) AS regexp_extract(trim(t), '^@MOMENT@$', 3);
CREATE MACRO trino_in_utc(t) AS CASE
  WHEN regexp_full_match(trino_zone(t), '(@UTC@)?')
  THEN rtrim(regexp_extract(trim(t), '^@MOMENT@$', 1) || ' ' || regexp_extract(trim(t), '^@MOMENT@$', 2))
  WHEN regexp_full_match(trino_zone(t), '@ZONE@') AND NOT regexp_full_match(trino_zone(t), '(?i)@UTC@')
  THEN CASE WHEN trino_fail('NOT_SUPPORTED: @OTHER_ZONE@', t) THEN NULL END END;
CREATE MACRO trino_in_region(moment, zone) AS CASE WHEN NOT regexp_full_match(zone, '@REGION@') THEN moment
  WHEN list_contains(getvariable('trino_regions'), zone) THEN timezone(zone, timezone(zone, moment))
  ELSE CASE WHEN trino_fail('NOT_SUPPORTED: @UNKNOWN_ZONE@', zone) THEN NULL END END;
CREATE MACRO trino_timestamp(t) AS trino_in_region(TRY_CAST(rtrim(regexp_extract(trim(t), '^@TIMESTAMP@$', 1)
  || ' ' || regexp_extract(trim(t), '^@TIMESTAMP@$', 2)) AS TIMESTAMP),
  regexp_extract(trim(t), '^@TIMESTAMP@$', 3));
CREATE MACRO trino_above(t, unit) AS ((epoch_us(t) % unit) + unit) % unit;
CREATE MACRO trino_rounded(t, unit) AS make_timestamp(epoch_us(t) - trino_above(t, unit)
  + CASE WHEN 2 * trino_above(t, unit) >= unit THEN unit ELSE 0 END);
CREATE MACRO trino_fit(t, n) AS CASE WHEN length(t) > n THEN CASE WHEN trino_fail(
  'INVALID_CAST_ARGUMENT: Value ' || t || ' cannot be represented as varchar(' || n || ')', t)
  THEN NULL END ELSE t END;
CREATE MACRO trino_item(a, i) AS CASE
  WHEN i = 0 THEN CASE WHEN trino_fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1', CAST(i
  AS VARCHAR)) THEN NULL END
  WHEN i < 0 THEN CASE WHEN trino_fail('INVALID_FUNCTION_ARGUMENT: Array subscript is negative: ' || i,
  CAST(i AS VARCHAR))
    THEN NULL END
  WHEN i > len(a) THEN CASE WHEN trino_fail('INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or '
    || 'equal to array length: ' || i || ' > ' || len(a), CAST(i AS VARCHAR)) THEN NULL END
  ELSE a[i] END;
CREATE MACRO trino_element_at(a, i) AS CASE WHEN i = 0
  THEN CASE WHEN trino_fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1', CAST(i AS
  VARCHAR)) THEN NULL END
  ELSE a[i] END;
CREATE MACRO trino_map_item(m, k) AS CASE WHEN NOT map_contains(m, k)
  THEN CASE WHEN trino_fail('INVALID_FUNCTION_ARGUMENT: Key not present in map: ' || CAST(k AS VARCHAR),
  CAST(k AS VARCHAR))
  THEN NULL END ELSE map_extract_value(m, k) END;
CREATE MACRO trino_map_value(m, k) AS trino_map_item(m, k);
CREATE MACRO trino_contains(a, x) AS CASE WHEN list_contains(a, x) THEN true
  WHEN len(list_filter(a, lambda __e: __e IS NULL)) > 0 THEN NULL ELSE list_contains(a, x) END;
CREATE MACRO trino_any(a) AS CASE WHEN list_contains(a, true) THEN true
  WHEN len(list_filter(a, lambda __e: __e IS NULL)) > 0 THEN NULL WHEN a IS NULL THEN NULL ELSE false END;
CREATE MACRO trino_all(a) AS CASE WHEN list_contains(a, false) THEN false
  WHEN len(list_filter(a, lambda __e: __e IS NULL)) > 0 THEN NULL WHEN a IS NULL THEN NULL ELSE true END;
CREATE MACRO trino_no_null(a, x) AS CASE WHEN len(list_filter(a, lambda __e: __e IS NULL)) > 0 THEN NULL ELSE
  x END;
CREATE MACRO trino_date_plus(d, direction, i) AS CASE WHEN epoch(i) % 86400 <> 0
  THEN CASE WHEN trino_fail('INVALID_FUNCTION_ARGUMENT: Cannot add hour, minutes or seconds to a date',
  CAST(i AS VARCHAR))
  THEN NULL END ELSE CAST(d + direction * i AS DATE) END;
CREATE MACRO trino_elapsed(a, b) AS to_milliseconds(CAST(epoch_ms(CAST(a AS TIMESTAMP))
  - epoch_ms(CAST(b AS TIMESTAMP)) AS BIGINT));
CREATE MACRO trino_total_ms(i) AS CAST(round(epoch(i) * 1000) AS BIGINT);
CREATE MACRO trino_months(i) AS CAST(datepart('year', i) * 12 + datepart('month', i) AS BIGINT);
CREATE MACRO trino_day_interval(i) AS CASE WHEN epoch(i) < 0 THEN '-' ELSE '' END
  || (abs(trino_total_ms(i)) // 86400000) || ' ' || lpad(CAST(abs(trino_total_ms(i)) // 3600000 % 24 AS
  VARCHAR), 2, '0')
  || ':' || lpad(CAST(abs(trino_total_ms(i)) // 60000 % 60 AS VARCHAR), 2, '0')
  || ':' || lpad(CAST(abs(trino_total_ms(i)) // 1000 % 60 AS VARCHAR), 2, '0')
  || '.' || lpad(CAST(abs(trino_total_ms(i)) % 1000 AS VARCHAR), 3, '0');
CREATE MACRO trino_month_interval(i) AS CASE WHEN trino_months(i) < 0 THEN '-' ELSE '' END
  || (abs(trino_months(i)) // 12) || '-' || (abs(trino_months(i)) % 12);
CREATE MACRO trino_interval_day(i) AS trino_total_ms(i) // 86400000;
CREATE MACRO trino_interval_hour(i) AS trino_total_ms(i) // 3600000 % 24;
CREATE MACRO trino_interval_minute(i) AS trino_total_ms(i) // 60000 % 60;
CREATE MACRO trino_interval_second(i) AS trino_total_ms(i) // 1000 % 60;
CREATE MACRO trino_interval_millisecond(i) AS trino_total_ms(i) % 1000;
CREATE MACRO trino_interval_year(i) AS trino_months(i) // 12;
CREATE MACRO trino_interval_month(i) AS trino_months(i) % 12;
CREATE MACRO trino_millisecond(t) AS datepart('millisecond', t) % 1000;
CREATE MACRO trino_from_unixtime(s) AS CAST(make_timestamp(CAST(round(s * 1000) AS BIGINT) * 1000) AS
  TIMESTAMPTZ);
CREATE MACRO trino_sqrt(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(x) END;
CREATE MACRO trino_ln(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE)
  WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE ln(x) END;
CREATE MACRO trino_log10(x) AS CASE WHEN x > 0 THEN log10(x) ELSE trino_ln(x) END;
CREATE MACRO trino_log2(x) AS CASE WHEN x > 0 THEN log2(x) ELSE trino_ln(x) END;
CREATE MACRO trino_skewness(s, n) AS s * (n - 2) / sqrt(n * (n - 1));
CREATE MACRO hive_bad_field(parsed, field, number) AS CASE WHEN parsed IS NOT NULL THEN
  error('HIVE_BAD_DATA: Error parsing field value ''' || field || ''' for field ' || number) END;
"""
for _word, _meant in _WORDS.items():
    MACROS = MACROS.replace(_word, _meant)
