"""From a text to its syntax tree, and no further: what is no array expression is refused here.

Nothing is ever evaluated by Python itself. The tree may hold only what is listed here, and names,
functions and attributes only from the tables; what the evaluator then does with it is its own.
"""

import ast
import difflib
import warnings
from collections.abc import Collection, Mapping

from mazoezi._errors import ArgumentError, MazoeziError
from mazoezi.arrays._allowed import ATTRIBUTES, CONSTANTS, DTYPES, FUNCTIONS, METHODS, OPERATORS

MOST_CHARACTERS = 2000
DEEPEST = 50
MODULES = ("np", "jnp")

_PARTS = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.keyword, ast.Attribute,
    ast.Subscript, ast.Slice, ast.Name, ast.Load, ast.Constant, ast.Tuple, ast.List, *OPERATORS,
)  # fmt: skip

_REFUSED: Mapping[type[ast.AST], str] = {
    ast.BoolOp: "`and` and `or` ask for one truth value, and an array has many. Write `&` and `|`, with "
    "brackets around each comparison: `(a > 1) & (a < 5)`.",
    ast.Not: "`not` asks for one truth value, and an array has many. Write `~` before a mask.",
    ast.IfExp: "`if` asks for one truth value, and an array has many. `np.where(condition, a, b)` "
    "chooses cell by cell.",
    ast.NamedExpr: "`:=` gives a name, and only the expression itself can be followed. Give the name "
    "in a cell before.",
    ast.Lambda: "A `lambda` is a function of your own, and only array functions can be followed.",
    ast.BitXor: "`^` is no power in Python. Write `**` for a power.",
    ast.LShift: "`<<` shifts bits, and is no operation on arrays here.",
    ast.RShift: "`>>` shifts bits, and is no operation on arrays here.",
    ast.Starred: "`*` before an argument is not followed here. Write the arguments out.",
    ast.In: "`in` gives one truth value. Write `(a == value).any()`.",
    ast.NotIn: "`not in` gives one truth value. Write `(a != value).all()`.",
    ast.Is: "`is` compares objects, not values. Write `==`.",
    ast.IsNot: "`is not` compares objects, not values. Write `!=`.",
    ast.Dict: "A dictionary is no array.",
    ast.Set: "A set is no array. A list has square brackets: `np.array([1, 2])`.",
    **dict.fromkeys(
        (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
        "A comprehension is a loop, and only array functions can be followed. What does the loop do: "
        "an operation on the whole array says it in one step.",
    ),
    **dict.fromkeys((ast.JoinedStr, ast.FormattedValue), "A text is no array."),
    **dict.fromkeys(
        (ast.Yield, ast.YieldFrom, ast.Await), "`yield` and `await` are no array expressions."
    ),
}

_STATEMENTS: Mapping[type[ast.AST], str] = {
    **dict.fromkeys((ast.Assign, ast.AugAssign, ast.AnnAssign), "an assignment"),
    **dict.fromkeys((ast.Import, ast.ImportFrom), "an import"),
    **dict.fromkeys((ast.FunctionDef, ast.ClassDef), "a definition"),
    **dict.fromkeys((ast.For, ast.While), "a loop"),
}

_NOTHING = 'There is no expression. Write one, such as "a + b[:, None]".'

_INSTEAD = {
    "len": "x.shape[0]", "float": "x.astype(float)", "int": "x.astype(int)", "range": "np.arange",
    "list": "np.array", "amax": "max", "amin": "min", "absolute": "abs", "vstack": "concatenate",
    "hstack": "concatenate", "newaxis": "None", "pow": "**", "product": "prod", "average": "mean",
}  # fmt: skip


def parse(expression: str, scope: Collection[str]) -> tuple[str, ast.expr]:
    """Return the text without blanks around it, and its tree, which holds only what is allowed.

    Raises ArgumentError for what is no text, and MazoeziError, in the learner's terms, for every text
    that is no array expression with the names in scope.
    """
    if not isinstance(expression, str):
        raise ArgumentError("the expression", expression, 'a text, such as "a + b[:, None]"')
    if len(expression) > MOST_CHARACTERS:
        raise MazoeziError(
            f"The expression has {len(expression):,} characters; at most {MOST_CHARACTERS:,} can be "
            "followed."
        )
    text = expression.strip()
    if not text:
        raise MazoeziError(_NOTHING)
    tree = _tree(text)
    if _depth(tree) > DEEPEST:
        raise _too_deep()
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        _check(node, called, scope)
    return text, tree.body


def _tree(text: str) -> ast.Expression:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as those about backslashes in texts
            return ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise MazoeziError(_no_expression(text, error)) from None
    except (RecursionError, MemoryError):
        raise _too_deep() from None
    except ValueError:
        raise MazoeziError("The expression holds characters that are no text.") from None


def _too_deep() -> MazoeziError:
    return MazoeziError(
        f"The expression is nested too deeply to be followed: at most {DEEPEST} levels. Give its parts "
        "names in cells before."
    )


def _no_expression(text: str, error: SyntaxError) -> str:
    """Say what is wrong with a text that Python cannot read as an expression."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _marked(text, error)
    if not statements:
        return _NOTHING
    if len(statements) > 1:
        return f"There are {len(statements)} statements; only one expression can be followed."
    kind = _STATEMENTS.get(type(statements[0]), "a statement")
    return f"This is {kind}, and only an expression can be followed, such as the part after `=`."


def _marked(text: str, error: SyntaxError) -> str:
    """Return a syntax error's message, with a mark under its place."""
    lines = text.splitlines()
    row = min(error.lineno or 1, len(lines)) - 1
    column = error.offset - 1 if error.offset else len(lines[row])
    what = error.msg.removesuffix(".")
    return (
        f"This is no expression ({what}), at the place marked:\n"
        f"    {lines[row]}\n"
        f"    {' ' * min(column, len(lines[row]))}^"
    )


def _depth(tree: ast.AST) -> int:
    """Return the number of levels, without recursion."""
    deepest, level = 0, [tree]
    while level:
        deepest += 1
        level = [
            child for node in level for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.expr)
        ]  # fmt: skip
    return deepest


def _check(node: ast.AST, called: set[int], scope: Collection[str]) -> None:
    """Raise MazoeziError for a part that no array expression has."""
    if type(node) in _REFUSED:
        raise MazoeziError(_REFUSED[type(node)])
    if not isinstance(node, _PARTS):
        raise MazoeziError(f"{type(node).__name__} is not part of an array expression.")
    match node:
        case ast.Compare(ops=[_, _, *_]):
            raise MazoeziError(
                "A chain of comparisons asks for one truth value, and an array has many. Write each "
                "comparison in brackets, joined by `&`: `(1 < a) & (a < 5)`. The brackets are needed "
                "because `&` binds more strongly than `<`."
            )
        case ast.Constant(value=bytes() | complex()):
            raise MazoeziError(f"`{ast.unparse(node)}` is neither a number nor a truth value.")
        case ast.keyword(arg=None):
            raise MazoeziError(
                "`**` before an argument is not followed here. Write the arguments out."
            )
        case ast.Call(keywords=keywords) if len({one.arg for one in keywords}) < len(keywords):
            raise MazoeziError("An argument is given twice.")
        case ast.Call(func=func) if not isinstance(func, ast.Name | ast.Attribute):
            raise MazoeziError("Only functions with a name can be called, such as `np.sum(a)`.")
        case ast.Name(id=name):
            if id(node) in called:
                _check_function(name, "", FUNCTIONS, scope)
            else:
                _check_name(name, scope)
        case ast.Attribute(
            value=ast.Attribute(value=ast.Name(id=module), attr=part), attr=name
        ) if module in MODULES and part not in CONSTANTS:
            raise MazoeziError(
                f"`{module}.{part}.{name}` is not an array function.{_close(name, list(FUNCTIONS))} "
                f"Allowed are {_listed(FUNCTIONS)}."
            )
        case ast.Attribute(value=ast.Name(id=module), attr=name) if module in MODULES:
            if id(node) in called:
                _check_function(name, f"{module}.", FUNCTIONS, ())
            else:
                _check_constant(module, name)
        case ast.Attribute(attr=name) if id(node) in called:
            _check_function(name, ".", METHODS, ())
        case ast.Attribute(attr=name):
            _check_attribute(name)


def _check_name(name: str, scope: Collection[str]) -> None:
    dunder = name.startswith("__")
    if (name in scope and not dunder) or name in MODULES or name in DTYPES or name == "newaxis":
        return
    if name in FUNCTIONS:
        raise MazoeziError(f"`{name}` is a function: call it, such as `{name}(x)`.")
    known = sorted(one for one in scope if not one.startswith("__"))
    have = f"the names here are {_listed(known)}" if known else "no array has a name here"
    raise MazoeziError(f"`{name}` is not known: {have}.{_close(name, known)}")


def _check_function(
    name: str, before: str, table: Mapping[str, object], scope: Collection[str]
) -> None:
    if name in table:
        return
    if name in scope:
        raise MazoeziError(
            f"`{name}` is an array, not a function: positions stand in square brackets, `{name}[0]`."
        )
    what = "a method of arrays that can be followed" if before == "." else "an array function"
    if before == "." and name in FUNCTIONS:
        close = f" Write `np.{name}(x, ...)`."
    else:
        close = _close(name, list(table))
    raise MazoeziError(f"`{before}{name}` is not {what}.{close} Allowed are {_listed(table)}.")


def _check_constant(module: str, name: str) -> None:
    if name in CONSTANTS or name in DTYPES:
        return
    if name in FUNCTIONS:
        raise MazoeziError(
            f"`{module}.{name}` is a function: call it, such as `{module}.{name}(x)`."
        )
    raise MazoeziError(
        f"`{module}.{name}` is not an array function.{_close(name, list(FUNCTIONS))} "
        f"Allowed are {_listed(FUNCTIONS)}, and the numbers {_listed(CONSTANTS)}."
    )


def _check_attribute(name: str) -> None:
    if name in ATTRIBUTES:
        return
    if name in METHODS:
        raise MazoeziError(f"`.{name}` is a method: call it, such as `x.{name}()`.")
    raise MazoeziError(
        f"`.{name}` is not an attribute of arrays that can be followed.{_close(name, [*ATTRIBUTES])} "
        f"Allowed are {_listed(ATTRIBUTES)}, and the methods {_listed(METHODS)}."
    )


def _close(name: str, known: Collection[str]) -> str:
    """Return the question whether another name is meant, if there is one like it."""
    instead = _INSTEAD.get(name) or next(iter(difflib.get_close_matches(name, known, 1)), None)
    return f" Do you mean `{instead}`?" if instead else ""


def _listed(names: Collection[str]) -> str:
    *most, last = sorted(names)
    return f"{', '.join(most)} and {last}" if most else last
