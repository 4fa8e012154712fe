"""How objects may be written, and which of two rows with one key is kept."""

from __future__ import annotations

import gzip
import json

from tests.unit.jobs.world import ENGLAND, SCOTLAND, WALES, World, hospital


def test_byte_order_marks_line_ends_of_windows_and_gzip_are_read(world: World) -> None:
    windows = world.publish("2022-12-06.json", [])
    rows = [json.dumps(hospital(code, 1, "2022-12-06")) for code in (ENGLAND, SCOTLAND)]
    windows.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(rows).encode() + b"\r\n\r\n")
    packed = world.publish("2022-12-07.json.gz", [])
    packed.write_bytes(gzip.compress(json.dumps(hospital(WALES, 2)).encode()))

    result = world.run()

    assert (result.rows_read, result.rows_quarantined) == (3, 0)
    assert world.rows("areacode") == [(ENGLAND,), (SCOTLAND,), (WALES,)]


def test_of_two_versions_in_one_object_the_choice_does_not_depend_on_their_order(world: World) -> None:
    versions = [hospital(ENGLAND, 1), hospital(ENGLAND, 2), hospital(ENGLAND, 2)]
    world.publish("2022-12-07.json", versions)
    first = world.run()
    chosen = world.rows()
    world.publish("2022-12-07.json", reversed(versions))

    world.run()

    assert first.rows_duplicate == 2
    assert world.rows() == chosen
