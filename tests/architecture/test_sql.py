"""No SQL is put together from values: every text is a literal, or a constant made of literals.

Values are bound; names are quoted by `sql.SQL("… {} …").format(sql.Identifier(name))`.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import modules

TAKE_SQL = {"execute", "one", "all", "value", "with_begin", "with_commit", "stream", "copy"}
"""Methods whose first argument is SQL, or a Statement."""

ON_PURPOSE = {
    ("foundation/database/messages.py", "text"): "joins a binding and Statements by `;`",
    ("foundation/database/messages.py", "statement"): "hands a Statement on",
    ("operations/roles/provision.py", "query.encode()"): "a literal of its two callers",
    ("operations/migrations/backfill_run.py", "statement.encode()"): "one with its range of keys",
    ("operations/migrations/backfill_keys.py", "query"): "put together from quoted names",
    ("operations/migrations/execute.py", "statement.text.encode()"): "a statement of a migration",
    ("operations/migrations/masking/mask.py", "text"): "an expression of masking/rules.py",
    ("operations/migrations/masking/mask.py", "update"): "made of those and of quoted names",
    ("operations/migrations/rehearse/load.py", "text.encode()"): "one of the module's QUERIES",
    ("operations/recovery/checks.py", "query.encode()"): "one of the module's constants",
    ("operations/recovery/standalone.py", "query.encode()"): "a constant of its callers",
    ("operations/migrations/verify/rows.py", "file.read_bytes()"): "a file beside the migrations",
}
"""What is sent although it is no constant, and why that is right."""


def constants(tree: ast.Module) -> set[str]:
    """Names of the module that stand for SQL made of literals, and those it imports."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if value is not None and is_constant(value, found):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in found if name.isupper()}


def is_constant(node: ast.expr, known: set[str]) -> bool:
    """Whether no value can be in it that was not written in the source."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, str)
        case ast.Name(id=name):
            return name in known and name.isupper()
        case ast.Attribute() | ast.JoinedStr():
            return False
    return all(is_constant(part, known) for part in parts_of(node)) and bool(parts_of(node))


def parts_of(node: ast.expr) -> list[ast.expr]:
    """What an expression of SQL is made of; nothing for one that may be made of anything."""
    match node:
        case ast.BinOp(op=ast.Add(), left=one, right=other) | ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.Dict(values=values):
            return values
        case (
            ast.Subscript(value=text)
            | ast.Call(func=ast.Name(id="Statement"), args=[_, text])
            | ast.Call(func=ast.Attribute(attr="SQL"), args=[text])
            | ast.Call(func=ast.Attribute(attr="format", value=ast.Call() | ast.Name() as text))
        ):
            return [text]
    return []


def sent(tree: ast.Module) -> Iterator[ast.expr]:
    """Everything that the module hands over as SQL."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        match node:
            case ast.Call(func=ast.Attribute(attr=method), args=[text, *_]) if method in TAKE_SQL:
                yield text
            case ast.Call(func=ast.Name(id="Statement"), args=[_, text]):
                yield text
            case ast.Call(func=ast.Attribute(attr="SQL"), args=[text]):
                yield text
            case ast.Call(func=ast.Name(id="Binding"), args=[text, *_]):
                yield text


def violations() -> Iterator[tuple[str, str]]:
    """Module and expression of everything sent that is no constant."""
    for path, tree in modules():
        known = constants(tree)
        for text in sent(tree):
            if not is_constant(text, known):
                yield path, ast.unparse(text)


def test_every_sql_text_is_a_literal_or_a_constant_made_of_literals() -> None:
    assert set(violations()) == set(ON_PURPOSE)


@pytest.mark.parametrize(
    "source",
    [
        'db.execute(f"SELECT {name}")',
        'db.execute("SELECT " + name)',
        'db.execute("SELECT %s" % name)',
        'db.execute("SELECT {}".format(name))',
        'db.one(Statement("x", "SELECT " + name))',
        'X = Statement("x", f"SELECT {name}")',
        'TEXT = f"SELECT {name}"\ndb.execute(TEXT)',
        'db.execute(sql.SQL("SELECT " + name))',
        "db.execute(text)",
        'Binding(f"SELECT {name}")',
    ],
)
def test_sql_put_together_from_values_would_be_noticed(source: str) -> None:
    tree = ast.parse(source)
    known = constants(tree)
    assert not all(is_constant(text, known) for text in sent(tree))


@pytest.mark.parametrize(
    "source",
    [
        'db.execute("SELECT %s", (name,))',
        'TEXT = "SELECT 1"\nX = Statement("x", TEXT + " LIMIT 1")\ndb.all(X)',
        'db.execute(sql.SQL("SELECT {}").format(sql.Identifier(name)))',
        'A = "SELECT 1"\nB = "SELECT 2"\ndb.execute(A if name else B)',
        "from howdah.product.things import LIST\ndb.all(LIST)",
    ],
)
def test_constants_and_quoted_names_are_fine(source: str) -> None:
    tree = ast.parse(source)
    known = constants(tree)
    assert all(is_constant(text, known) for text in sent(tree))
