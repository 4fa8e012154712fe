"""What building the template costs: python -m benchmarks.build [--runs 7].

Medians of whole processes, turn by turn in one run. "before" is the same build with everything imported
that the obvious imports would load: the AWS SDK, which `stepfunctions` imports, and the command line's
every verb. (`stepfunctions` also wants the SageMaker SDK, with pandas and numpy; we never install that,
so its share is not in the figure.) `cdk synth` of an equivalent app is not measured: there is no such app
in this repository, and a figure without one would compare nothing.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

RUN = "from covidlake.commands.command_line import app; app({arguments!r}, standalone_mode=False)"
EVERYTHING = (
    "import boto3, botocore.session, botocore.stub, cfnlint, sqlglot; "
    "import covidlake.ship.deploy.deploy, covidlake.ship.plan.plan, covidlake.ship.drift.drift; "
    "import covidlake.doctor.examine, covidlake.run.ingest; "
)
CASES = {
    "interpreter alone": "",
    "covidlake --help": RUN.format(arguments=["--help"]),
    "covidlake build": RUN.format(arguments=["build"]),
    "covidlake build, before": EVERYTHING + RUN.format(arguments=["build"]),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="counted runs of each [%(default)s]")
    runs = parser.parse_args().runs
    seconds: dict[str, list[float]] = {name: [] for name in CASES}
    for number in range(runs + 1):
        for name, code in CASES.items():
            elapsed = process(code)
            if number:  # the first round fills the file cache
                seconds[name].append(elapsed)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, median in medians.items():
        print(f"{name:<26} {median:6.2f} s")
    ratio = medians["covidlake build, before"] / medians["covidlake build"]
    print(f"the build starts {ratio:.1f} times as fast as with every import")
    print("cdk synth: skipped, this repository holds no equivalent CDK app to compare with")


def process(code: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
