"""A change set of outputs alone can be executed: as on AWS it has no changes and is no failed one.

ministack looks at resources only, and would call it a change set without changes.
"""

from __future__ import annotations

import re
from typing import Any

from localcloud import plugin

_CHANGE_SET_ID = re.compile(rb"<Id>([^<]+)</Id>")
_NOTHING = "The submitted information didn't contain changes."


def install() -> None:
    """Hook into the making of change sets."""
    from ministack.services.cloudformation import handlers, stacks

    plugin.require(
        stacks, "_resolve_stack_outputs", ["outputs_defs", "conditions", "resources", "param_values"]
    )
    actions = handlers._ACTION_HANDLERS
    actions["CreateChangeSet"] = _accepting(actions["CreateChangeSet"])


def _accepting(create: Any) -> Any:
    def created(params: Any) -> Any:
        from ministack.services.cloudformation import _change_sets

        answer = create(params)
        found = _CHANGE_SET_ID.search(answer[2])
        change_set = _change_sets.get(found[1].decode()) if found else None
        if change_set and change_set["StatusReason"].startswith(_NOTHING) and _outputs_change(change_set):
            change_set.update(Status="CREATE_COMPLETE", ExecutionStatus="AVAILABLE", StatusReason="")
        return answer

    return created


def _outputs_change(change_set: dict[str, Any]) -> bool:
    from ministack.services.cloudformation import _stacks, engine, stacks

    stack, template = _stacks.get(change_set["StackName"]), change_set["_template"]
    if stack is None:
        return False
    params, stack_id = change_set["_resolved_params"], stack["StackId"]
    with stacks._stack_region_context(stack, stack_id):
        conditions = engine._evaluate_conditions(template, params)
        after, _ = stacks._resolve_stack_outputs(
            template.get("Outputs", {}),
            conditions,
            stack.get("_resources", {}),
            params,
            template.get("Mappings", {}),
            stack["StackName"],
            stack_id,
        )
    return bool(_by_name(after) != _by_name(stack.get("Outputs", [])))


def _by_name(outputs: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["OutputKey"]: one for one in outputs}
