"""Plain arithmetic on decimal numbers, exact, for the calculator that a chat agent may call. Nothing is executed."""

import ast
from collections.abc import Callable
from fractions import Fraction

_LONGEST = 400
_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
}


def calculate(expression: str) -> Fraction | None:
    """The exact value of an expression in + - * / and brackets; None when it is anything else or divides by zero."""
    if not expression.strip() or len(expression) > _LONGEST or set(expression) - set("0123456789+-*/(). "):
        return None
    try:
        return _value(ast.parse(expression.strip(), mode="eval").body, expression.strip())
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None


def _value(node: ast.expr, source: str) -> Fraction:
    if isinstance(node, ast.Constant):
        # The written digits, not the binary float that Python reads from them.
        return Fraction(ast.get_source_segment(source, node) or "")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _value(node.operand, source)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left, source), _value(node.right, source))
    raise ValueError(type(node).__name__)
