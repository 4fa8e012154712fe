"""The work of a Map state that is tried: its items and their inputs, but none of its iterations."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType

from localcloud.plugin import AwsError, refusals
from localcloud.step_functions.states.failures import failure, plainly
from localcloud.step_functions.states.maps import batching, readers, templates
from localcloud.step_functions.states.maps.run import EXCEEDED
from localcloud.step_functions.states.shapes import compact_json
from localcloud.step_functions.states.trials.given import Mock
from localcloud.step_functions.states.trials.notes import Notes

_TOO_MANY = "Map iteration failure count must be less than or equal to the number of Map iterations"
_READ = ("JSON", "JSONL", "CSV")


class MapWork:
    """What is told of it is told as far as the state comes."""

    def __init__(self, state: Any, mock: Mock, notes: Notes) -> None:
        self.state, self.mock, self.notes = state, mock, notes
        self.definition: dict[str, Any] = state.iteration_component.map_definition

    def evaluate(self, env: Any) -> None:
        """Raises the state's failure, also where more iterations are to fail than it tolerates."""
        items = self._items(env)
        self.notes.members["maxConcurrency"] = self._value(self.state.max_concurrency_decl, env)
        count = self._limit("Count", self.state.tolerated_failure_count_decl, env)
        percentage = self._limit("Percentage", self.state.tolerated_failure_percentage_decl, env)
        iterations = len(self._inputs(items, env))
        failed = self.mock.failed_iterations or 0
        if failed > iterations:
            raise AwsError("ValidationException", _TOO_MANY)
        exceeded = (count is not None and failed > count) or (
            percentage is not None and failed * 100 > percentage * iterations
        )
        if exceeded and self.mock.error is None:
            raise failure(env, "States.ExceedToleratedFailureThreshold", EXCEEDED)

    @staticmethod
    def _value(component: Any, env: Any) -> Any:
        component.eval(env=env)
        return env.stack.pop()

    def _limit(self, word: str, component: Any, env: Any) -> Any:
        """A tolerated failure; None where the state says nothing of it."""
        name = f"ToleratedFailure{word}"
        value = self._value(component, env)
        if name not in self.definition and f"{name}Path" not in self.definition:
            return None
        value = float(value) if word == "Percentage" else value
        self.notes.members[f"t{name[1:]}"] = value
        return value

    def _items(self, env: Any) -> list[Any] | None:
        state = self.state
        if state.item_reader is not None:
            return self._read_items(env)
        if state.items_path is not None:
            items = self._value(state.items_path, env)
            if not isinstance(items, list):
                cause = f'Reference path "{self._path()}" must point to array.'
                raise plainly(failure(env, "States.Runtime", cause))
            self.notes.tell("afterItemsPath", items)
            return items
        items = env.states.get_input() if state.items is None else self._value(state.items, env)
        if not isinstance(items, list):
            cause = f"Map state input must be an array but was: {compact_json(items)}"
            raise failure(env, "States.QueryEvaluationError", cause, HistoryEventType.EvaluationFailed)
        return list(items)

    def _path(self) -> str:
        """ItemsPath; of one into the context object, AWS tells the part after the first `$`."""
        path = str(self.definition.get("ItemsPath", "$"))
        return path[1:] if path.startswith("$$") else path

    def _read_items(self, env: Any) -> list[Any] | None:
        """The items in mapItemReaderData; without it, those in the state's input, as AWS's guide has it."""
        reader = self.state.item_reader
        if reader.parargs:
            templates.value(reader.parargs, env)
        config = templates.reader_config(reader, self.definition, env)
        text = self.mock.reader_data
        if text is None:
            return self._items_of_input(env)
        kind = config.get("InputType", "JSON")
        if reader.resource.api_action == "listObjectsV2" or kind not in _READ:
            what = f"mapItemReaderData for {reader.resource.api_action} with InputType {kind}"
            raise AwsError("ValidationException", refusals.not_supported(what))
        try:
            if "ItemsPointer" in config:
                self.notes.tell("afterItemsPointer", readers.pointed(text, config))
            return readers.first(readers.parsed(text, config), config.get("MaxItems"))
        except readers.ItemReaderError as error:
            raise failure(env, "States.ItemReaderFailed", str(error)) from error

    def _items_of_input(self, env: Any) -> list[Any] | None:
        items = env.states.get_input()
        if "ItemsPath" in self.definition:
            items = self._value(self.state.items_path, env)
            self.notes.tell("afterItemsPath", items)
        return items if isinstance(items, list) else None

    def _inputs(self, items: list[Any] | None, env: Any) -> list[Any]:
        """The input of each iteration; none where nobody said what the ItemReader reads."""
        if items is None:
            return []
        inputs = [templates.item_input(self.state, env, index, item) for index, item in enumerate(items)]
        if self.state.item_selector or self.state.parameters:
            self.notes.tell("afterItemSelector", inputs)
        batcher = self.definition.get("ItemBatcher")
        if batcher:
            inputs = list(batching.batches(inputs, *templates.batcher(batcher, self.definition, env)))
            self.notes.tell("afterItemBatcher", inputs)
        return inputs
