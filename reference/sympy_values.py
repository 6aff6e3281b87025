"""Derivatives and Taylor coefficients of 160 expressions, by SymPy, to 20 digits.

Run: python3 reference/sympy_values.py   (needs sympy; writes packages/gradus/test/reference/sympy.json)
"""

import json
import random
from pathlib import Path

import sympy as sp

x, y = sp.symbols("x y", real=True)
UNARY = {
    "sin": sp.sin, "cos": sp.cos, "tan": sp.tan, "exp": sp.exp, "log": sp.log, "sqrt": sp.sqrt, "atan": sp.atan,
    "sinh": sp.sinh, "cosh": sp.cosh, "tanh": sp.tanh, "asinh": sp.asinh, "erf": sp.erf, "gamma": sp.gamma,
    "sec": sp.sec, "sigmoid": lambda u: 1 / (1 + sp.exp(-u)), "softplus": lambda u: sp.log(1 + sp.exp(u)),
}
HAND = [
    "x**x", "x**(1/x)", "sin(x)/x", "log(log(x + 3))", "sqrt(x + sqrt(x + 1))", "asin(x/3)", "acos(x/4)", "atanh(x/5)",
    "exp(-x**2/2)/sqrt(2*pi)", "log(x)/x**2", "(x**2 + 1)**5/(x + 2)**3", "x**3*exp(-2*x)*sin(3*x)", "exp(sin(x**2))",
    "atan(y/x)", "sqrt(x**2 + y**2)", "x**y", "y**x", "log(x*y + 1)", "exp(x*y)*cos(x - y)", "(x - y)/(x + y)",
    "x*log(x/y)", "sin(x*y)**2", "1/(1 + exp(-(x*y + 1)))", "log(exp(x) + exp(y))",
]
rng = random.Random(7)


def grow(depth):
    if depth == 0:
        return rng.choice(["x", "x", "x", str(rng.randint(1, 5)), "y"])
    kind = rng.random()
    if kind < 0.45:
        return f"{rng.choice(list(UNARY))}({grow(depth - 1)})"
    left, right = grow(depth - 1), grow(depth - 1)
    op = rng.choice(["+", "-", "*", "*", "/"])
    return f"(({left}) {op} ({right}))" if kind < 0.9 else f"({left})**{rng.choice([2, 3, -1, -2])}"


def number(v):
    v = sp.N(v, 25)
    return str(sp.N(v, 20)) if v.is_real and v.is_finite and 1e-12 < abs(v) < 1e12 else ("0" if v == 0 else None)


def row(text):
    e = sp.sympify(text, locals={**UNARY, "x": x, "y": y})
    if not e.has(x):
        return None
    points = []
    for px, py in [(sp.Rational(7, 10), sp.Rational(4, 3)), (sp.Rational(17, 8), sp.Rational(1, 2))]:
        at = {x: px, y: py}
        values = [number(d.subs(at)) for d in (e, e.diff(x), e.diff(x, 2), e.diff(x, y))]
        if None not in values:
            points.append({"x": str(px), "y": str(py), "values": values})
    series = None
    if points and "y" not in text:
        at = sp.Rational(7, 10)
        series = [number(e.diff(x, k).subs(x, at) / sp.factorial(k)) for k in range(7)]
    return {"expression": text.replace("**", "^"), "points": points, "series": series} if points else None


rows, seen = [], set()
texts = list(HAND)
while len(texts) < 400:
    texts.append(grow(rng.randint(1, 3)))
for text in texts:
    if len(rows) == 160:
        break
    if text in seen or len(text) > 90:
        continue
    seen.add(text)
    try:
        found = row(text)
    except (ValueError, TypeError, ZeroDivisionError):
        continue
    if found:
        rows.append(found)
out = Path(__file__).parent.parent / "packages/gradus/test/reference/sympy.json"
out.write_text("[\n" + ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows) + "\n]\n")
print(len(rows), out.stat().st_size)
