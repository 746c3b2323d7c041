"""Small mutations of a solution, one at a time: each must cost points, or nobody checks it."""

import ast
import copy

SAME_NUMBER = ("int", "float")  # the number is the same to a judge
SWAPS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


def mutants(cells):
    """Yield (description, cells) for each small mutation of the solutions in these cells.

    Parameters
    ----------
    cells : sequence of str
        Code; only cells with a marked solution are changed.

    Yields
    ------
    (str, list of str)
        "line: before -> after", and the cells with the change.
    """
    for number, cell in enumerate(cells):
        if "### BEGIN SOLUTION" not in cell:
            continue
        first, last = _marked(cell)
        tree = ast.parse(cell)
        for index, node in enumerate(ast.walk(tree)):
            if not first <= getattr(node, "lineno", 0) <= last:
                continue
            for changed in _changes(node):
                yield _planted(cells, number, tree, index, node, changed)


def _marked(cell):
    """Return the first and the last line of the solutions in a cell."""
    lines = [line.strip() for line in cell.splitlines()]
    return lines.index("### BEGIN SOLUTION") + 1, len(lines) - lines[::-1].index(
        "### END SOLUTION"
    )


def _planted(cells, number, tree, index, node, changed):
    """Return the description and the cells with one node exchanged."""
    twin = copy.deepcopy(tree)
    target = next(n for i, n in enumerate(ast.walk(twin)) if i == index)
    twin = _Exchange(target, changed).visit(twin)
    text = ast.unparse(ast.fix_missing_locations(twin))
    before, after = ast.unparse(node), ast.unparse(ast.fix_missing_locations(changed))
    line = cells[number].splitlines()[node.lineno - 1].strip()
    return f"{line}: {before} -> {after}", [*cells[:number], text, *cells[number + 1 :]]


class _Exchange(ast.NodeTransformer):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def _changes(node):
    """Yield what a node may be changed to."""
    node = copy.deepcopy(node)
    if isinstance(node, ast.BinOp) and type(node.op) in SWAPS:
        yield ast.BinOp(node.left, SWAPS[type(node.op)](), node.right)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in SWAPS:
        yield ast.Compare(node.left, [SWAPS[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        if getattr(node.func, "id", "") not in SAME_NUMBER:
            yield node.args[0]


def _constants(node):
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
    elif isinstance(value, str) and value:
        yield ast.Constant(value + "x")
