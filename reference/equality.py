"""Pairs of expressions with SymPy as the judge of equality: rewritten by SymPy's own transformations, or changed in
one number and told apart by 40 digits at a point. Run: python3 reference/equality.py > packages/gradus/test/reference/equality.json
"""

import json
import random
import re
import signal

import sympy as sp

x, y = sp.symbols("x y", real=True)
random.seed(20260)

UNARY = [sp.sin, sp.cos, sp.tan, sp.exp, sp.log, sp.sqrt, sp.tanh, sp.sinh, sp.cosh, sp.atan, sp.asin, sp.Abs, sp.asinh]


def tree(depth):
    if depth == 0 or random.random() < 0.1:
        return random.choice([x, x, y, sp.Integer(random.randint(1, 5)), sp.Rational(random.randint(1, 5), 2)])
    kind = random.random()
    if kind < 0.25:
        return tree(depth - 1) + tree(depth - 1)
    if kind < 0.5:
        return tree(depth - 1) * tree(depth - 1)
    if kind < 0.6:
        return tree(depth - 1) / tree(depth - 1)
    if kind < 0.72:
        return tree(depth - 1) ** random.choice([2, 3, -1, sp.Rational(1, 2), sp.Rational(3, 2)])
    return random.choice(UNARY)(tree(depth - 1))


REWRITES = [
    lambda e: sp.expand(e),
    lambda e: sp.factor(e),
    lambda e: sp.together(e),
    lambda e: sp.expand_trig(e),
    lambda e: sp.trigsimp(e),
    lambda e: sp.simplify(e),
    lambda e: sp.expand_log(e),
    lambda e: sp.powsimp(e),
    lambda e: sp.radsimp(e),
    lambda e: sp.cancel(e),
    lambda e: sp.logcombine(e),
    lambda e: e.rewrite(sp.exp) if not e.has(sp.sin, sp.cos, sp.tan) else sp.expand_trig(e),
    lambda e: sp.diff(sp.integrate(e, x), x) if e.is_polynomial(x) else sp.nsimplify(e),
    lambda e: e.rewrite(sp.cos),
    lambda e: e.rewrite(sp.tan),
    lambda e: e.rewrite(sp.sqrt),
    lambda e: sp.fu(e),
]


def text(e):
    out = sp.sstr(e).replace("**", "^").replace("Abs(", "abs(").replace("log(", "ln(")
    return re.sub(r"\bE\b", "e", out)


def allowed(e):
    if e.has(sp.I, sp.zoo, sp.nan, sp.oo, sp.Piecewise, sp.re, sp.im, sp.arg, sp.Integral, sp.Derivative):
        return False
    known = {sp.sin, sp.cos, sp.tan, sp.exp, sp.log, sp.tanh, sp.sinh, sp.cosh, sp.atan, sp.asin, sp.Abs, sp.asinh,
             sp.sec, sp.csc, sp.cot, sp.coth, sp.sech, sp.csch, sp.acos, sp.sign}
    return {f.func for f in e.atoms(sp.Function)} <= known


POINTS = [(sp.Rational(a, 7), sp.Rational(b, 11)) for a, b in [(5, 4), (-9, 13), (11, -6), (3, 25), (-2, -5), (16, 9), (30, 40), (-33, 21)]]


def values(e, f):
    """Values of both to 40 digits where both, with all their parts, are real."""
    found = []
    for a, b in POINTS:
        at = {x: a, y: b}
        if not all(real(s, at) for s in list(sp.preorder_traversal(e)) + list(sp.preorder_traversal(f))):
            continue
        found.append((sp.N(e.subs(at), 40), sp.N(f.subs(at), 40)))
    return found


def real(e, at):
    value = sp.N(e.subs(at), 20)
    return value.is_number and value.is_finite and abs(sp.im(value)) == 0


def changed(e):
    """One number changed."""
    numbers = [p for p in sp.preorder_traversal(e) if p.is_Rational]
    if not numbers:
        return e + sp.Rational(1, 1000)
    n = random.choice(numbers)
    return e.subs(n, n + random.choice([1, -1, sp.Rational(1, 2)]))


def attempt(make):
    signal.alarm(8)
    try:
        return make()
    except Exception:
        return None
    finally:
        signal.alarm(0)


def stop(*_):
    raise TimeoutError


def pair(equal):
    e = tree(random.randint(2, 4))
    f = random.choice(REWRITES)(e)
    if random.random() < 0.5:
        f = random.choice(REWRITES)(f)
    if not equal:
        f = changed(f)
    if f == e or not allowed(e) or not allowed(f) or len(text(f)) > 160 or len(text(e)) > 100:
        return None
    if not e.free_symbols:
        return None
    v = values(e, f)
    if len(v) < 2:
        return None
    gaps = [abs(a - b) / (1 + abs(a)) for a, b in v]
    if equal and max(gaps) < 1e-30:
        return [text(e), text(f)]
    if not equal and max(gaps) > 1e-25:
        return [text(e), text(f)]
    return None


def collect(count, equal):
    out = []
    while len(out) < count:
        found = attempt(lambda: pair(equal))
        if found and found not in out:
            out.append(found)
    return out


signal.signal(signal.SIGALRM, stop)
print(json.dumps({"equal": collect(220, True), "different": collect(220, False)}, indent=0))
