"""One run of the job on two workers, each a process of its own: python cluster_run.py ROOT LIBRARY.

ROOT holds the buckets `source` and `lake` as folders; the job's library comes as the archive that Glue gets.
Prints the run record, and the number of executors beside the driver that did tasks.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

ROOT, LIBRARY = Path(sys.argv[1]), sys.argv[2]
sys.path[:0] = [LIBRARY, str(Path(__file__).parents[4])]

from pyspark.sql import SparkSession  # noqa: E402

VIEW = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"
RAW = "org.apache.hadoop.fs.RawLocalFileSystem"
SETTINGS = {
    "spark.submit.pyFiles": LIBRARY,
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.executor.memory": "512m",
    "spark.sql.shuffle.partitions": "4",
    "spark.scheduler.minRegisteredResourcesRatio": "1.0",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.hadoop.fs.s3.impl": VIEW,
    "spark.hadoop.fs.viewfs.overload.scheme.target.s3.impl": RAW,
    "spark.hadoop.fs.file.impl": RAW,
    "spark.hadoop.fs.viewfs.mounttable.source.linkFallback": (ROOT / "source").as_uri(),
    "spark.hadoop.fs.viewfs.mounttable.lake.linkFallback": (ROOT / "lake").as_uri(),
}


def main() -> None:
    builder = SparkSession.builder.master("local-cluster[2,1,512]")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()

    from ingestion import job
    from ingestion.state.storage import Storage
    from tests.unit.jobs.world import FolderS3

    options = {"dataset": "uk_covid", "run_id": "run-1", "load_mode": "incremental", "areas": "*"}
    options |= {
        "from_date": "any",
        "to_date": "any",
        "allow_removal": "false",
        "source_root": "s3://source/",
        "lake_root": "s3://lake/",
    }
    record = job.run(options, storage=Storage(FolderS3(ROOT)))  # type: ignore[arg-type]
    infos = spark.sparkContext._jsc.sc().statusTracker().getExecutorInfos()
    executors = sum(1 for info in infos if info.usedOnHeapStorageMemory() >= 0) - 1
    told = {"record": asdict(record), "executors": executors, "library": job.__file__}
    sys.stdout.write(f"{json.dumps(told)}\n")
    spark.stop()


if __name__ == "__main__":
    main()
