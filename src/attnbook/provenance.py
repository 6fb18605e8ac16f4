"""Which of a chapter's numbers come from a stored run, found out from its code.

`load("heads")` brings what an experiment stored. Whatever is computed from that is stored as well,
however often it is renamed, averaged or drawn: so the code is followed, name by name, and nobody
has to say so by hand. Where it cannot be told, that is an error.
"""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeGuard

Rooms = frozenset[str]  # whose stored runs something comes from
LIVE: Rooms = frozenset()
_STATED_BY = {"claim": "statement", "quote": "name"}
_FILLED_BY = {"append", "extend", "insert", "add", "update", "setdefault"}
_DRAWN_ON = {"ax", "axes", "plt"}


@dataclass(frozen=True)
class Stated:
    """One call of `claim` or `quote`: where it stands, what it states, where its number is from.

    A text that the code puts together is a pattern.
    """

    cell: int
    place: tuple[int, int]  # line and column
    name: re.Pattern[str] | None
    statement: re.Pattern[str] | None
    rooms: Rooms

    def is_of(self, name: str | None, statement: str | None) -> bool:
        """Whether an output with this name and statement can be of this call."""
        pairs = [(self.name, name), (self.statement, statement)]
        return all(text is None or (known and known.fullmatch(text)) for known, text in pairs)


@dataclass
class Chapter:
    """A chapter's code as it has been followed so far."""

    names: dict[str, Rooms] = field(default_factory=dict)
    stated: list[Stated] = field(default_factory=list)
    drawn: dict[int, Rooms] = field(default_factory=dict)  # what a cell draws, or may draw

    def state(self, stated: Stated) -> None:
        """Note a call, which may be come upon again in another round of a loop."""
        for i, known in enumerate(self.stated):
            if (known.cell, known.place) == (stated.cell, stated.place):
                self.stated[i] = replace(stated, rooms=known.rooms | stated.rooms)
                return
        self.stated.append(stated)

    def rooms_of(self, cell: int, name: str | None, statement: str | None = None) -> Rooms:
        """Where the number of a claim or a quote of a cell is from.

        Raises:
            ValueError: two calls could have made it, one of which is stored.
        """
        found = {s.rooms for s in self.stated if s.cell == cell and s.is_of(name, statement)}
        if len(found) > 1:
            raise ValueError(
                f"{name or statement!r} may come from a stored run or not: give each of the claims "
                "and quotes that could be meant a name of its own"
            )
        return next(iter(found), LIVE)


def follow(cells: Iterable[str]) -> Chapter:
    """Follow the code of a chapter's cells, in their order.

    Examples:
        >>> chapter = follow(["runs = load('heads')", "quote('heads-best', max(runs))"])
        >>> chapter.rooms_of(1, "heads-best")
        frozenset({'heads'})
    """
    chapter = Chapter()
    for number, code in enumerate(cells):
        try:
            body = ast.parse(code).body
        except SyntaxError:  # not Python alone
            continue
        _Follower(chapter, number).block(body)
        chapter.drawn[number] = chapter.drawn.get(number, LIVE)
    return chapter


class _Follower:
    """Goes through the statements of one cell."""

    def __init__(self, chapter: Chapter, cell: int):
        self.chapter, self.cell = chapter, cell

    def block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                self.chapter.names[name] = self.rooms(node)  # what it reads, its calls return
                return
            case ast.Assign(targets=targets, value=value):
                self.bind(targets, self.rooms(value))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.bind([target], self.rooms(value))
            case ast.AugAssign(target=target, value=value):
                self.bind([target], self.rooms(value) | self.rooms(target))
            case ast.For(target=target, iter=values):
                self.bind([target], self.rooms(values))
                self.block(
                    [*node.body, *node.body, *node.orelse]
                )  # what a round leaves to the next
            case ast.With(items=items):
                for item in items:
                    if item.optional_vars is not None:
                        self.bind([item.optional_vars], self.rooms(item.context_expr))
                self.block(node.body)
            case ast.If() | ast.While():
                self.block([*node.body, *node.orelse])
            case ast.Try():
                handled = [s for handler in node.handlers for s in handler.body]
                self.block([*node.body, *handled, *node.orelse, *node.finalbody])
        if not isinstance(node, ast.For | ast.With | ast.If | ast.While | ast.Try):
            self.look_for_what_is_stated(node)
            self.note_what_is_filled(node)

    def bind(self, targets: list[ast.expr], rooms: Rooms) -> None:
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Name):
                    whole = isinstance(part.ctx, ast.Store)  # or a part: values[0] = …
                    before = LIVE if whole else self.chapter.names.get(part.id, LIVE)
                    self.chapter.names[part.id] = rooms | before

    def rooms(self, node: ast.AST) -> Rooms:
        """Where what is computed here comes from."""
        found, own = LIVE, _own_names(node)
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id not in own:
                found |= self.chapter.names.get(part.id, LIVE)
            elif _is_call_of(part, "load"):
                (room,) = part.args
                found |= {ast.literal_eval(room)}
        return found

    def note_what_is_filled(self, node: ast.stmt) -> None:
        """`runs.append(x)` makes `runs` what x is; `ax.plot(x)` makes a picture of x."""
        for call in ast.walk(node):
            match call:
                case ast.Call(ast.Attribute(owner, attr=method), args, keywords):
                    given = LIVE.union(*map(self.rooms, [*args, *keywords]))
                    if method in _FILLED_BY and isinstance(owner, ast.Name):
                        before = self.chapter.names.get(owner.id, LIVE)
                        self.chapter.names[owner.id] = before | given
                    if _DRAWN_ON & {n.id for n in ast.walk(owner) if isinstance(n, ast.Name)}:
                        before = self.chapter.drawn.get(self.cell, LIVE)
                        self.chapter.drawn[self.cell] = before | given

    def look_for_what_is_stated(self, node: ast.stmt) -> None:
        for call in ast.walk(node):
            for by, first in _STATED_BY.items():
                if _is_call_of(call, by):
                    given = dict(zip((first, "measured"), call.args, strict=False))
                    given |= {word.arg: word.value for word in call.keywords if word.arg}
                    measured = [*call.args[1:], *(word.value for word in call.keywords)]
                    stated = Stated(
                        self.cell,
                        (call.lineno, call.col_offset),
                        _pattern(given.get("name")),
                        _pattern(given.get("statement")),
                        LIVE.union(*map(self.rooms, measured)),
                    )
                    self.chapter.state(stated)


def _own_names(node: ast.AST) -> set[str]:
    """The names that functions and comprehensions in it use for themselves."""
    own: set[str] = set()
    for part in ast.walk(node):
        match part:
            case ast.FunctionDef():
                own |= {n.id for n in ast.walk(part) if _is_stored(n)}
            case ast.comprehension(target=target):
                own |= {n.id for n in ast.walk(target) if _is_stored(n)}
            case ast.arg(name):
                own.add(name)
    return own


def _is_stored(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _is_call_of(node: ast.AST, name: str) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _pattern(text: ast.expr | None) -> re.Pattern[str] | None:
    """What a text may be that the code gives."""
    match text:
        case None:
            return None
        case ast.Constant(str(words)):
            return re.compile(re.escape(words))
        case ast.JoinedStr(values):
            fixed = (
                re.escape(str(v.value)) if isinstance(v, ast.Constant) else ".*" for v in values
            )
            return re.compile("".join(fixed), re.DOTALL)
    return re.compile(".*", re.DOTALL)
