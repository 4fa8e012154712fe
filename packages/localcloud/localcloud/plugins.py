"""The plug-ins of this cloud, in the order in which they are installed.

A plug-in is a module with `install(app)`. It may have `warm_up()` for slow imports, called once the cloud is
ready, and `settle()`, awaited when the cloud stops, before what it runs is ended.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from localcloud.plugin import require, state

NAMES = (
    *("iam.policies", "rds.api", "cloudformation.plugin", "lambda_.plugin", "glue.catalog.api"),
    "glue.jobs.api",
    *("glue.connections.api", "glue.crawlers.api"),
    *("step_functions.api", "athena.api", "cloudwatch.alarms", "cloudwatch.logs", "cloudwatch.never"),
    "events.requests",
    *("cloudwatch.dashboards", "cloudwatch.embedded_metrics"),
    *("sns.requests", "secretsmanager.requests", "iam.encryption", "iam.oidc"),
    "iam.documents",
    *(
        "s3.conditional_writes",
        "s3.uploads",
        "s3.requests",
        "s3.full_disk",
        "iam.pass_role",
        "plugin.refusals",
        "plugin.faults",
    ),
)


def install(app: Any) -> list[ModuleType]:
    """Install every plug-in into `ministack.app`, whose reset then is theirs, too."""
    plugins = [importlib.import_module(f"localcloud.{name}") for name in NAMES]
    for plugin in plugins:
        plugin.install(app)
    _reset_with(app)
    return plugins


def _reset_with(app: Any) -> None:
    reset = require(app, "_reset_all_state", [])

    def reset_all() -> None:
        reset()
        state.reset()

    app._reset_all_state = reset_all
