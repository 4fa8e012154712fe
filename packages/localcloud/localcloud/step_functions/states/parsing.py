"""Reads a definition into the components of moto's interpreter: one at a time, texts as JSON has them."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

from moto.stepfunctions.parser.asl.antlr.runtime.ASLParser import ASLParser
from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_map.tolerated_failure import (
    ToleratedFailureCountStringJSONata,
)
from moto.stepfunctions.parser.asl.parse import asl_parser, preprocessor
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.intrinsic.intrinsic_parser import IntrinsicParser

from localcloud.plugin import require
from localcloud.step_functions.states import map_fields

_FRACTION = "ToleratedFailurePercentage"
_lock = threading.Lock()  # ANTLR fills tables that all of its parsers share


class Reader(preprocessor.Preprocessor):  # type: ignore[misc]
    """moto's, whose stack of query languages all readings share: a refused one would stay in it."""

    maps: Mapping[str, dict[str, Any]] = {}  # the Map states as they were written; of the reading that runs

    def __init__(self) -> None:
        super().__init__()
        self._query_language_per_scope: list[Any] = []
        self._inherited: list[Any] = []  # what states inside the scope speak: a state's own is not handed on

    def _open_query_language_scope(self, parse_tree: Any) -> None:
        outer, inherited = self._query_language_per_scope, self._inherited[-1:]
        self._query_language_per_scope = list(inherited)
        super()._open_query_language_scope(parse_tree)
        own = self._query_language_per_scope[-1]
        self._query_language_per_scope = [*outer, own]
        is_state = isinstance(parse_tree, ASLParser.State_decl_bodyContext)
        self._inherited.append(inherited[0] if is_state else own)

    def _close_query_language_scope(self) -> None:
        super()._close_query_language_scope()
        self._inherited.pop()

    def visitState_decl(self, ctx: Any) -> Any:  # noqa: N802 - the name is ANTLR's
        state = super().visitState_decl(ctx)
        if isinstance(state, StateMap):
            language = "JSONPath" if state._is_language_query_jsonpath() else "JSONata"
            state.iteration_component.map_definition = {**self.maps[state.name], "QueryLanguage": language}
        return state

    def visitChoice_rule_comparison_variable(self, ctx: Any) -> Any:  # noqa: N802 - moto drops what it assigns
        rule = super().visitChoice_rule_comparison_variable(ctx)
        if rule.assign is None:
            found = [self.visit(child) for child in ctx.children]
            rule.assign = next((one for one in found if isinstance(one, AssignDecl)), None)
        return rule

    def visitTolerated_failure_count_string_jsonata(self, ctx: Any) -> Any:  # noqa: N802 - moto's is a percentage
        return ToleratedFailureCountStringJSONata(self.visitString_jsonata(ctx.string_jsonata()))

    @staticmethod
    def _inner_string_of(parser_rule_context: Any) -> str | None:
        text = parser_rule_context.getText()
        return None if text == "null" else literal(parser_rule_context)

    def visitString_jsonata(self, ctx: Any) -> Any:  # noqa: N802 - the name is ANTLR's
        expression = super().visitString_jsonata(ctx)
        expression.location = _location(ctx)
        return expression


def literal(parser_rule_context: Any) -> str:
    """The text of a string token with its escapes read; for moto's `from_string_literal`."""
    text = str(parser_rule_context.getText())
    return str(json.loads(text, strict=False)) if text.startswith('"') else text


def _location(ctx: Any) -> str:
    """The fields around an expression, from the state's own: `Output/total`."""
    keys: list[str] = []
    while ctx is not None and not isinstance(
        ctx, ASLParser.State_declContext | ASLParser.Program_declContext
    ):
        children = ctx.children or []
        if len(children) > 1 and children[1].getText() == ":":
            keys.insert(0, literal(children[0]))
        ctx = ctx.parentCtx
    return "/".join(keys)


def parse(definition: str) -> Any:
    """The program of a state machine. Raises whatever moto's parser finds wrong with it."""
    machine, maps = map_fields.split(_with_fractions(json.loads(definition)))
    text = json.dumps(machine, ensure_ascii=False)
    with _lock:
        Reader.maps = maps
        return AmazonStateLanguageParser.parse(text)[0]


def is_intrinsic(text: str) -> bool:
    """Whether the text is a call of an intrinsic function. A quotation mark has no escape in its texts."""
    if '\\"' in text:
        return False
    try:
        with _lock:
            IntrinsicParser.parse(json.dumps(text, ensure_ascii=False)[1:-1])
    except Exception:
        return False
    return True


def _with_fractions(value: Any) -> Any:
    """moto's grammar wants a fraction in this one field, AWS takes any number."""
    if isinstance(value, list):
        return [_with_fractions(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: float(item) if key == _FRACTION and isinstance(item, int) else _with_fractions(item)
        for key, item in value.items()
    }


def plug_in() -> None:
    """Have moto's parser read with ours."""
    require(preprocessor.Preprocessor, "_inner_string_of", ["parser_rule_context"])
    require(preprocessor.Preprocessor, "visitString_jsonata", ["self", "ctx"])
    require(preprocessor.Preprocessor, "visitState_decl", ["self", "ctx"])
    require(preprocessor.Preprocessor, "_open_query_language_scope", ["self", "parse_tree"])
    require(preprocessor.Preprocessor, "_close_query_language_scope", ["self"])
    require(preprocessor, "from_string_literal", ["parser_rule_context"])
    asl_parser.Preprocessor = Reader
    preprocessor.from_string_literal = literal
