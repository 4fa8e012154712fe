"""DuckDB macros for the functions of Trino that DuckDB lacks, and for what rewritten functions call."""

from __future__ import annotations

MACROS = """
CREATE MACRO trino_divisor(b) AS CASE WHEN b = 0 AND typeof(b) NOT IN ('DOUBLE', 'FLOAT')
  THEN error('DIVISION_BY_ZERO: Division by zero') ELSE b END;
CREATE MACRO hive_bad_field(parsed, field, number) AS CASE WHEN parsed IS NOT NULL THEN
  error('HIVE_BAD_DATA: Error parsing field value ''' || field || ''' for field ' || number) END;
CREATE MACRO trino_plus(d DATE, i INTERVAL) AS CAST(d + i AS DATE), (d TIMESTAMP, i INTERVAL) AS d + i,
  (d TIMESTAMPTZ, i INTERVAL) AS d + i;
CREATE MACRO trino_date_trunc(u, d DATE) AS CAST(date_trunc(u, d) AS DATE),
  (u, d TIMESTAMP) AS date_trunc(u, d), (u, d TIMESTAMPTZ) AS date_trunc(u, d);
CREATE MACRO map_agg(k, v) AS map(list(k), list(v));
CREATE MACRO array_union(a, b) AS list_distinct(list_concat(a, b));
CREATE MACRO arrays_overlap(a, b) AS list_has_any(a, b);
CREATE MACRO array_average(a) AS list_avg(a);
CREATE MACRO zip(a, b) AS list_zip(a, b), (a, b, c) AS list_zip(a, b, c);
CREATE MACRO codepoint(s) AS unicode(s);
CREATE MACRO with_timezone(t, z) AS timezone(z, CAST(t AS TIMESTAMP));
CREATE MACRO url_extract_protocol(u) AS nullif(regexp_extract(u, '^([A-Za-z][A-Za-z0-9+.-]*):', 1), '');
CREATE MACRO url_extract_host(u) AS nullif(regexp_extract(u, '^[A-Za-z][A-Za-z0-9+.-]*://([^/:?#]*)', 1), '');
CREATE MACRO url_extract_path(u) AS regexp_extract(u, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*([^?#]*)', 1);
CREATE MACRO url_extract_query(u) AS regexp_extract(u, '\\?([^#]*)', 1);
CREATE MACRO url_extract_parameter(u, n) AS
  nullif(regexp_extract(u, '[?&]' || regexp_escape(n) || '=([^&#]*)', 1), '');
CREATE MACRO geometric_mean(x) AS geomean(x);
CREATE MACRO is_json_scalar(j) AS json_type(j) NOT IN ('ARRAY', 'OBJECT');
CREATE MACRO infinity() AS 'inf'::DOUBLE;
CREATE MACRO nan() AS 'nan'::DOUBLE;
CREATE MACRO is_finite(x) AS isfinite(x);
CREATE MACRO is_infinite(x) AS isinf(x);
CREATE MACRO to_iso8601(t DATE) AS strftime(t, '%Y-%m-%d'),
  (t TIMESTAMP) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%g'),
  (t TIMESTAMPTZ) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%gZ');
CREATE MACRO width_bucket(x, lo, hi, n) AS
  CASE WHEN x < lo THEN 0 WHEN x >= hi THEN n + 1
  ELSE CAST(floor((x - lo) / (hi - lo) * n) AS BIGINT) + 1 END;
CREATE MACRO normalize(s) AS nfc_normalize(s);
CREATE MACRO json_size(j, p) AS json_array_length(j, p);
CREATE MACRO json_array_contains(j, v) AS list_contains(CAST(j AS JSON[]), CAST(to_json(v) AS JSON));
CREATE MACRO multimap_agg(k, v) AS map_from_entries(list({'key': k, 'value': [v]}));
CREATE MACRO map_union(m) AS list_reduce(list(m), lambda a, b: map_concat(a, b));
CREATE MACRO hamming_distance(a, b) AS hamming(a, b);
CREATE MACRO bitwise_left_shift(a, b) AS a << b;
CREATE MACRO bitwise_right_shift(a, b) AS a >> b;
"""
