"""AWS's Step Functions Data Science SDK, imported without SageMaker and completed with today's language.

This is the only module that imports `stepfunctions`. Release 2.3.0 asks for the whole SageMaker SDK, which
only its SageMaker steps use, for `pkg_resources`, by which it reads its own version, and for boto3, by which
it finds the partition, all of them imports that a build has no use for; it sets the root
logger to ERROR, and it derives the ARN partition of service tasks from the builder's AWS configuration. None
of that belongs in a build that gives the same bytes everywhere.
"""

# The SDK has no type information, so its classes are `Any` to mypy.
# mypy: allow-subclassing-any

from __future__ import annotations

import importlib.metadata
import logging
import sys
import types
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any, cast

_UNUSED_SAGEMAKER_NAMES: dict[str, tuple[str, ...]] = {
    "sagemaker": (),
    "sagemaker.model": ("Model", "FrameworkModel"),
    "sagemaker.model_monitor": ("DataCaptureConfig",),
    "sagemaker.pipeline": ("PipelineModel",),
    "sagemaker.sklearn": (),
    "sagemaker.sklearn.estimator": ("SKLearn",),
    "sagemaker.utils": ("base_name_from_image",),
    "sagemaker.workflow": (),
    "sagemaker.workflow.airflow": (
        "training_config",
        "transform_config",
        "model_config",
        "tuning_config",
        "processing_config",
    ),
}


def _missing_class(name: str) -> type:
    def refuse(*_: object, **__: object) -> None:
        raise ImportError(f"{name}: SageMaker steps need the sagemaker package, which is not installed")

    return type(name, (), {"__init__": refuse})


def _stand_ins() -> dict[str, types.ModuleType]:
    modules = {name: types.ModuleType(name) for name in ("boto3", "pkg_resources", *_UNUSED_SAGEMAKER_NAMES)}
    for module_name, names in _UNUSED_SAGEMAKER_NAMES.items():
        modules[module_name].__path__ = []
        for name in names:
            setattr(modules[module_name], name, _missing_class(name))
    version = importlib.metadata.version("stepfunctions")
    modules["pkg_resources"].__dict__["require"] = lambda _: [types.SimpleNamespace(version=version)]
    return {name: module for name, module in modules.items() if name not in sys.modules}


@contextmanager
def _quiet_import() -> Iterator[None]:
    """Lend the SDK what it imports and does not use, and take back what it does to the root logger.

    Its source compares a string by `is`, of which Python warns whenever it compiles it anew.
    """
    lent = _stand_ins()
    level = logging.getLogger().level
    sys.modules.update(lent)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            yield
    finally:
        logging.getLogger().setLevel(level)
        for name in lent:
            sys.modules.pop(name, None)


with _quiet_import():
    from stepfunctions.steps import integration_resources, states
    from stepfunctions.steps.choice_rule import BaseRule

PARTITION = "aws"
integration_resources.get_aws_partition = lambda: PARTITION


class _Field(Enum):
    """Fields of the Amazon States Language that the SDK does not know; it spells them in PascalCase."""

    ARGUMENTS = "arguments"
    ASSIGN = "assign"
    CAUSE_PATH = "cause_path"
    ERROR_PATH = "error_path"
    ITEMS = "items"
    ITEM_SELECTOR = "item_selector"
    JITTER_STRATEGY = "jitter_strategy"
    MAX_DELAY_SECONDS = "max_delay_seconds"
    OUTPUT = "output"
    QUERY_LANGUAGE = "query_language"
    RESULT_SELECTOR = "result_selector"
    TOLERATED_FAILURE_COUNT = "tolerated_failure_count"


class _Extended:
    """A mix-in: the fields of the SDK's class and `extra_fields`."""

    extra_fields: tuple[_Field, ...] = ()

    def allowed_fields(self) -> list[Enum]:
        known: list[Enum] = super().allowed_fields()  # type: ignore[misc]
        return [*known, *self.extra_fields]


class Retry(_Extended, states.Retry):
    extra_fields = (_Field.MAX_DELAY_SECONDS, _Field.JITTER_STRATEGY)


class Catch(_Extended, states.Catch):
    extra_fields = (_Field.ASSIGN, _Field.OUTPUT)


class Task(_Extended, states.Task):
    extra_fields = (
        _Field.ARGUMENTS,
        _Field.ASSIGN,
        _Field.OUTPUT,
        _Field.QUERY_LANGUAGE,
        _Field.RESULT_SELECTOR,
    )


class Pass(_Extended, states.Pass):
    extra_fields = (_Field.ASSIGN, _Field.OUTPUT, _Field.QUERY_LANGUAGE)


class Wait(_Extended, states.Wait):
    extra_fields = (_Field.ASSIGN, _Field.OUTPUT, _Field.QUERY_LANGUAGE)


class Choice(_Extended, states.Choice):
    """A Choice; in a chain its default goes on with the chain, unless a rule does (`go_on_when`)."""

    extra_fields = (_Field.ASSIGN, _Field.OUTPUT, _Field.QUERY_LANGUAGE)

    def __init__(self, state_id: str, **options: Any) -> None:
        super().__init__(state_id, **options)
        self._onwards: list[Any] | None = None

    def go_on_when(self, rule: BaseRule) -> None:
        """Add a rule that leads to the next state of the chain; the default then has to lead elsewhere."""
        self._onwards = [rule, None]
        self.choices.append(self._onwards)

    def next(self, next_step: Any) -> Any:
        """Again for the same step whenever the chain becomes a part of another one."""
        if self._onwards is None:
            return super().next(next_step)
        self._onwards[1] = next_step
        return next_step


class Succeed(_Extended, states.Succeed):
    extra_fields = (_Field.OUTPUT, _Field.QUERY_LANGUAGE)


class Fail(_Extended, states.Fail):
    extra_fields = (_Field.ERROR_PATH, _Field.CAUSE_PATH, _Field.QUERY_LANGUAGE)


class Map(_Extended, states.Map):
    """An inline Map; the SDK writes the deprecated `Iterator`, this class `ItemProcessor`."""

    extra_fields = (
        _Field.ASSIGN,
        _Field.ITEMS,
        _Field.ITEM_SELECTOR,
        _Field.OUTPUT,
        _Field.QUERY_LANGUAGE,
        _Field.RESULT_SELECTOR,
        _Field.TOLERATED_FAILURE_COUNT,
    )

    def to_dict(self) -> dict[str, Any]:
        definition = cast("dict[str, Any]", super().to_dict())
        iterator = definition.pop("Iterator")
        definition["ItemProcessor"] = {"ProcessorConfig": {"Mode": "INLINE"}, **iterator}
        return definition


class Condition(BaseRule):
    """A JSONata rule of a Choice: the expression, and what to assign when it is true."""

    def __init__(self, condition: str, assign: Mapping[str, Any] | None = None) -> None:
        self.condition = condition
        self.assign = assign

    def to_dict(self) -> dict[str, Any]:
        rule: dict[str, Any] = {"Condition": self.condition}
        return {**rule, "Assign": dict(self.assign)} if self.assign else rule


class Graph(_Extended, states.Graph):
    extra_fields = (_Field.QUERY_LANGUAGE,)


def chain(*steps: Any) -> states.Chain:
    """The states, or chains of them, each leading to the one after it; a target like any state."""
    return states.Chain(list(steps))


def resource(integration: str) -> str:
    """The resource of a Task: `glue:startJobRun.sync` -> `arn:aws:states:::glue:startJobRun.sync`."""
    return f"arn:{PARTITION}:states:::{integration}"
