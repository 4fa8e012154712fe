"""What a name of Java's stands for is asked once, as far as the answer cannot change."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from py4j import java_gateway, protocol

from localcloud.glue.jobs import after_import, lookups


class Client:
    """A connection to a Java that knows one class, `org.apache.Thing`, with one method and one field."""

    gateway_property = SimpleNamespace(pool=None)
    converters = None

    def __init__(self) -> None:
        self.asked: list[str] = []

    def send_command(self, command: str) -> str:
        _, kind, first, second, *_ = command.split("\n")
        name = first if f"{kind}\n" == protocol.REFL_GET_UNKNOWN_SUB_COMMAND_NAME else second
        self.asked.append(name)
        if name == "org.apache.Thing":
            return f"{protocol.SUCCESS_CLASS}{name}"
        if name == "method":
            return protocol.SUCCESS + protocol.METHOD_TYPE
        return protocol.SUCCESS + protocol.INTEGER_TYPE + "1" if name == "field" else protocol.SUCCESS_PACKAGE


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    for kind in (java_gateway.JVMView, java_gateway.JavaPackage, java_gateway.JavaClass):
        monkeypatch.setattr(kind, "__getattr__", kind.__getattr__)
    lookups.remember()
    return Client()


@pytest.fixture
def jvm(client: Client) -> java_gateway.JVMView:
    return java_gateway.JVMView(client, "jvm", "v1")


def test_a_class_and_its_method_are_asked_for_once(client: Client, jvm: java_gateway.JVMView) -> None:
    assert jvm.org.apache.Thing.method is jvm.org.apache.Thing.method
    assert client.asked == ["org", "org.apache", "org.apache.Thing", "method"]


def test_a_field_is_asked_for_at_each_use(client: Client, jvm: java_gateway.JVMView) -> None:
    assert [jvm.org.apache.Thing.field for _ in range(2)] == [1, 1]
    assert client.asked.count("field") == 2


@pytest.mark.parametrize("name", ["functions", "Thing"])
def test_what_an_import_may_make_a_class_is_asked_for_at_each_use(
    client: Client, jvm: java_gateway.JVMView, name: str
) -> None:
    for _ in range(2):
        assert isinstance(getattr(jvm, name), java_gateway.JavaPackage)
    assert client.asked == [name, name]


def test_what_a_new_jar_may_make_a_class_is_asked_for_at_each_use(
    client: Client, jvm: java_gateway.JVMView
) -> None:
    for _ in range(2):
        assert isinstance(jvm.org.Other, java_gateway.JavaPackage)
    assert client.asked == ["org", "org.Other", "org.Other"]


@pytest.fixture
def late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a module that nobody has imported."""
    (tmp_path / "imported_late.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "imported_late"
    sys.modules.pop("imported_late", None)


def test_a_module_is_changed_when_it_is_imported(late: str) -> None:
    changed: list[ModuleType] = []
    finders = len(sys.meta_path)
    after_import.change(late, changed.append)
    assert changed == []
    module = __import__(late)
    assert (changed, module.value, len(sys.meta_path)) == ([module], 1, finders)


def test_one_that_is_imported_already_is_changed_at_once(late: str) -> None:
    changed: list[ModuleType] = []
    module = __import__(late)
    after_import.change(late, changed.append)
    assert changed == [module]
