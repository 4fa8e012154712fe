"""The shape of CREATE EXTERNAL TABLE as Hive's parser has it: sqlglot takes more, and in any order."""

from __future__ import annotations

import re
from typing import Any, NoReturn

from sqlglot.dialects.hive import Hive
from sqlglot.tokens import Token, TokenType

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.statements.hive_texts import TEXT, refuse
from localcloud.athena.sql.statements.hive_words import RESERVED

PLAIN_TYPES = (
    *("boolean", "tinyint", "smallint", "int", "integer", "bigint", "float", "double", "string", "binary"),
    *("date", "timestamp", "decimal"),
)
SIZED_TYPES = ("decimal", "char", "varchar")
_LARGEST = {"decimal": 38, "char": 255, "varchar": 65_535}
_CLAUSES = ("COMMENT", "PARTITIONED", "CLUSTERED", "ROW", "STORED", "LOCATION", "TBLPROPERTIES")
_DELIMITERS = (
    rf"fields\s+terminated\s+by\s+{TEXT}(?:\s+escaped\s+by\s+{TEXT})?",
    *(
        rf"{words}\s+{TEXT}"
        for words in (
            r"collection\s+items\s+terminated\s+by",
            r"map\s+keys\s+terminated\s+by",
            r"lines\s+terminated\s+by",
            r"null\s+defined\s+as",
        )
    ),
)
_DELIMITED = r"delimited" + "".join(rf"(?:\s+{one})?" for one in _DELIMITERS)
_PROPERTIES = rf"with\s+serdeproperties\s*\((?:[^()'\"]|{TEXT})*\)\s*"
_STORAGE = re.compile(
    rf"(?:row\s+format\s+(?:{_DELIMITED}|serde\s+{TEXT})\s*(?P<first>{_PROPERTIES})?)?"
    rf"(?:stored\s+as\s+(?:inputformat\s+{TEXT}\s+outputformat\s+{TEXT}|\w+)\s*)?(?P<second>{_PROPERTIES})?",
    re.IGNORECASE | re.DOTALL,
)


def check_shape(sql: str) -> None:
    """Raise `QueryError` at the first token that Hive's parser does not expect."""
    reading = _Reading(Hive().tokenize(sql))
    reading.skip_name()
    if reading.text:
        reading.columns()
        reading.clauses()


def storage_clauses(sql: str) -> str:
    """ROW FORMAT and STORED AS of a statement whose shape was checked, as they are written."""
    text = _between(sql).strip()
    found = _STORAGE.match(text)
    if found is None or found.end() < len(text) or (found["first"] and found["second"]):
        if re.match(r"stored\s+by\b", text, re.IGNORECASE):
            raise unsupported("STORED BY of CREATE EXTERNAL TABLE")
        refuse(text[found.end() if found and found.end() < len(text) else 0 :])
    return text


def _between(sql: str) -> str:
    """What stands before LOCATION and TBLPROPERTIES, from the first clause of storage on."""
    reading, depth, found = _Reading(Hive().tokenize(sql)), 0, len(sql)
    reading.skip_name()
    reading.columns()
    while not reading.ended:
        token = reading.token
        depth += reading.bracket
        place = reading.clause() if depth == 0 else None
        name = _CLAUSES[place] if place is not None else ""
        if name in ("ROW", "STORED") or (depth == 0 and reading.is_word("with")):
            found = min(found, token.start)
        if name in ("LOCATION", "TBLPROPERTIES"):
            return sql[found : token.start]
        reading.step()
    return sql[found:]


class _Reading:
    """A place among the tokens of a statement."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def text(self) -> str:
        """The token in lower case; nothing behind the last one."""
        return self.token.text.lower() if self.at < len(self.tokens) else ""

    @property
    def ended(self) -> bool:
        return self.at >= len(self.tokens)

    @property
    def bracket(self) -> int:
        """1 where a bracket opens, -1 where one closes; one in quotes is none."""
        return self.is_word("(") - self.is_word(")")

    def is_word(self, text: str) -> bool:
        """Whether the token is this one, and not in quotes."""
        return self.token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER) and self.text == text

    def step(self) -> None:
        self.at += 1

    def refuse(self) -> NoReturn:
        if self.at >= len(self.tokens):
            raise QueryError("FAILED: ParseException line 1:1 cannot recognize input near '<EOF>'")
        token = self.token
        where = f"{token.line}:{max(0, token.col - len(token.text))}"
        raise QueryError(f"FAILED: ParseException line {where} cannot recognize input near '{token.text}'")

    def take(self, *texts: str) -> str:
        found = self.text
        if found not in texts:
            self.refuse()
        self.step()
        return found

    def check_name(self) -> None:
        """Hive's names begin with a letter or a digit, or stand in backquotes."""
        quoted = (TokenType.IDENTIFIER, TokenType.STRING)
        if self.token.token_type not in quoted and self.text.startswith("_"):
            self.refuse()

    def skip_name(self) -> None:
        """What stands before the list of columns."""
        while self.text not in ("(", ""):
            if self.token.token_type is TokenType.STRING:  # in double quotes: Hive's names have backquotes
                self.refuse()
            self.check_name()
            self.step()

    def columns(self) -> None:
        """`(name type COMMENT 'text', ...)`."""
        self.take("(")
        self._fields("", ")")

    def _fields(self, between: str, end: str) -> None:
        while True:
            if self.text in ("", ",", end) or self.token.token_type is TokenType.STRING:
                self.refuse()
            if self.token.token_type is not TokenType.IDENTIFIER and self.text in RESERVED:
                self.refuse()
            self.check_name()
            self.step()
            if between:
                self.take(between)
            self._type()
            if self.text == "comment":
                self.step()
                self._string()
            if self.take(",", end) == end:
                return

    def _string(self) -> None:
        if self.ended or self.token.token_type is not TokenType.STRING:
            self.refuse()
        self.step()

    def _type(self) -> None:
        word = self.text
        if word in ("array", "map"):
            self.step()
            self.take("<")
            if word == "map":
                self._key()
                self.take(",")
            self._type()
            self.take(">")
        elif word == "struct":
            self.step()
            self.take("<")
            self._fields(":", ">")
        elif word in PLAIN_TYPES or word in SIZED_TYPES:
            self.step()
            self._sizes(word)
        else:
            self.refuse()

    def _key(self) -> None:
        """The keys of a map are of a plain type."""
        if self.text in ("array", "map", "struct"):
            self.refuse()
        self._type()

    def _sizes(self, word: str) -> None:
        if word not in SIZED_TYPES or (word in PLAIN_TYPES and self.text != "("):
            return
        self.take("(")
        size = self._number(1, _LARGEST[word])
        if word == "decimal" and self.text == ",":
            self.step()
            self._number(0, size)
        self.take(")")

    def _number(self, least: int, most: int) -> int:
        if not self.text.isdigit() or not least <= int(self.text) <= most:
            self.refuse()
        found = int(self.text)
        self.step()
        return found

    def clauses(self) -> None:
        """The clauses stand in one order, each at most once."""
        last, depth = -1, 0
        while not self.ended:
            self.check_name()
            place = self.clause() if depth == 0 else None
            if place is not None and place <= last:
                self.refuse()
            last = last if place is None else place
            if place is not None and _CLAUSES[place] == "PARTITIONED":
                self.step()
                self.columns()
                continue
            depth += self.bracket
            self.step()

    def clause(self) -> int | None:
        """The place of the clause that begins here in their order, if one does."""
        words: Any = self.token.text.upper().split()
        plain = self.token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER)
        return _CLAUSES.index(words[0]) if plain and words and words[0] in _CLAUSES else None
