"""Makes packages/gradus/test/reference/enclosures.json: values that enclosures of single points must hold, by mpmath.

Run: python3 reference/enclosures.py [points-per-function [file]]   (needs mpmath; the product does not)

{"exp": [[x, value], ...], ...}: arguments are doubles, values decimals of 45 digits. Names are those of the primitives.
22000 points per function make the 10^6 of the long check: GRADUS_ENCLOSURES=file npx vitest run enclosures.
"""
import json
import math
import random
import sys
from pathlib import Path
import mpmath as mp
from mpmath import mpf

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 60
TARGET = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent.parent / "packages/gradus/test/reference/enclosures.json"
mp.mp.prec = 500
rng = random.Random(4)
MOST = sys.float_info.max


def uniform(lo, hi):
    return lambda: rng.uniform(lo, hi)


def scaled(lo, hi, sign=1):
    """2^lo to 2^hi, evenly in the exponent; sign 0 for both signs."""
    return lambda: (sign or rng.choice((-1, 1))) * 2.0 ** rng.uniform(lo, hi)


def near(center, lo=-52, hi=-2, sign=0):
    return lambda: center + scaled(lo, hi, sign)()


def near_multiple(of):
    """The doubles nearest to whole multiples: where sine and its kin nearly vanish."""
    def draw():
        k = rng.randint(1, 2 ** rng.randint(1, 50))
        x = float(k * of)
        return rng.choice((-1, 1)) * rng.choice((x, math.nextafter(x, 0), math.nextafter(x, math.inf)))
    return draw


def near_whole(lo, hi):
    return lambda: rng.randint(lo, hi) + scaled(-40, -2, 0)()


any_size = scaled(-1074, 1023, 0)
tiny = scaled(-1074, -1, 0)
positive = scaled(-1074, 1023)
turns = [uniform(-10, 10), any_size, near_multiple(mp.pi / 2), tiny]
unit = [uniform(-1, 1), tiny, near(1, sign=-1), near(-1, sign=1)]
outside = [scaled(0, 1023, 0), near(1, sign=1), near(-1, sign=-1), uniform(1, 9)]
POLES = [uniform(-12, 12), near_whole(-40, 5), scaled(-1000, -1, 0), uniform(0.1, 60)]


def softplus(x):
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


def sigmoid(x):
    return 1 / (1 + mp.exp(-x)) if x > 0 else mp.exp(x) / (1 + mp.exp(x))


def small_odd(f, third):
    """f(x) = x + third·x³ + …, where f at 500 bits would cancel."""
    return lambda x: x + third * x ** 3 if abs(x) < mpf(2) ** -150 else f(x)


def log_gamma(x):
    with mp.workprec(900):
        return mp.log(abs(mp.gamma(x))) if x < 40 else mp.loggamma(x)


def polygamma(n):
    return lambda x: mp.psi(n, x)


one = {
    "exp": (mp.exp, [uniform(-745, 709), tiny, uniform(-3, 3)]),
    "expm1": (mp.expm1, [uniform(-60, 709), tiny, uniform(-3, 3)]),
    "log": (mp.log, [positive, near(1), uniform(0, 9)]),
    "log1p": (mp.log1p, [scaled(-1074, 1023), tiny, near(-1, sign=1), uniform(-1, 9)]),
    "log2": (lambda x: mp.log(x) / mp.ln2, [positive, near(1)]),
    "log10": (lambda x: mp.log(x) / mp.ln10, [positive, near(1)]),
    "sin": (mp.sin, turns),
    "cos": (mp.cos, turns),
    "tan": (mp.tan, turns),
    "sec": (mp.sec, turns),
    "csc": (mp.csc, [uniform(-10, 10), any_size, near_multiple(mp.pi / 2), scaled(-1000, -1, 0)]),
    "cot": (mp.cot, [uniform(-10, 10), any_size, near_multiple(mp.pi / 2), scaled(-1000, -1, 0)]),
    "asin": (mp.asin, unit),
    "acos": (mp.acos, unit),
    "atan": (mp.atan, [any_size, tiny, uniform(-3, 3)]),
    "asec": (lambda x: mp.acos(1 / x), outside),
    "acsc": (lambda x: mp.asin(1 / x), outside),
    "acot": (lambda x: mp.atan(1 / x), [any_size, uniform(-3, 3)]),
    "sinh": (small_odd(mp.sinh, mpf(1) / 6), [uniform(-710, 710), tiny, uniform(-3, 3)]),
    "cosh": (mp.cosh, [uniform(-710, 710), tiny]),
    "tanh": (small_odd(mp.tanh, -mpf(1) / 3), [uniform(-30, 30), tiny, uniform(-2, 2)]),
    "sech": (mp.sech, [uniform(-740, 740), tiny]),
    "csch": (lambda x: 1 / small_odd(mp.sinh, mpf(1) / 6)(x), [uniform(-700, 700), scaled(-1000, -1, 0)]),
    "coth": (lambda x: 1 / small_odd(mp.tanh, -mpf(1) / 3)(x), [uniform(-30, 30), scaled(-1000, -1, 0)]),
    "asinh": (small_odd(lambda x: mp.sign(x) * mp.asinh(abs(x)), -mpf(1) / 6), [any_size, tiny, uniform(-3, 3)]),
    "acosh": (mp.acosh, [scaled(0, 1023), near(1, sign=1), uniform(1, 9)]),
    "atanh": (small_odd(mp.atanh, mpf(1) / 3), unit),
    "asech": (lambda x: mp.acosh(1 / x), [uniform(0.001, 1), scaled(-1000, -1), near(1, sign=-1)]),
    "acsch": (lambda x: mp.sign(x) * mp.asinh(1 / abs(x)), [scaled(-1000, 400, 0), uniform(-3, 3)]),
    "acoth": (lambda x: mp.atanh(1 / x), [scaled(1, 400, 0), near(1, sign=1), near(-1, sign=-1)]),
    "sigmoid": (sigmoid, [uniform(-745, 40), tiny, uniform(-3, 3)]),
    "softplus": (softplus, [uniform(-745, 800), tiny, uniform(-3, 3)]),
    "logSigmoid": (lambda x: -softplus(-x), [uniform(-800, 745), tiny, uniform(-3, 3)]),
    "erf": (mp.erf, [uniform(-7, 7), tiny, uniform(-1, 1)]),
    "erfc": (mp.erfc, [uniform(-7, 7), tiny, uniform(6, 27)]),
    "normalCdf": (lambda x: mp.erfc(-x / mp.sqrt(2)) / 2, [uniform(-9, 9), tiny, uniform(-38, -9)]),
    "gamma": (mp.gamma, [uniform(0, 171), *POLES]),
    "logGamma": (log_gamma, [scaled(-1000, 1000), near(1), near(2), *POLES]),
    "digamma": (lambda x: mp.psi(0, x), [*POLES, near(1.4616321449683623)]),
    "polygamma1": (polygamma(1), [uniform(0.01, 60), near_whole(-9, 5), uniform(-9, 0)]),
    "polygamma2": (polygamma(2), [uniform(0.01, 60), near_whole(-9, 5)]),
    "polygamma7": (polygamma(7), [uniform(0.01, 60)]),
    "sqrt": (mp.sqrt, [positive, uniform(0, 9)]),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), [any_size, uniform(-9, 9)]),
    "oneMinusSquare": (lambda x: (1 - x) * (1 + x), [uniform(-2, 2), near(1), near(-1), tiny, scaled(1, 500, 0)]),
}
two = {
    "add": (lambda x, y: x + y, any_size, any_size),
    "sub": (lambda x, y: x - y, uniform(1, 2), uniform(1, 2)),
    "mul": (lambda x, y: x * y, scaled(-600, 400, 0), scaled(-600, 400, 0)),
    "div": (lambda x, y: x / y, scaled(-600, 400, 0), scaled(-400, 600, 0)),
    "pow": (lambda x, y: x ** y, scaled(-30, 30), uniform(-20, 20)),
    "powNearOne": (lambda x, y: x ** y, near(1, -45, -5), scaled(0, 8, 0)),
    "powWhole": (lambda x, y: x ** int(y), scaled(-9, 9, 0), lambda: float(rng.randint(-90, 90))),
    "hypot": (mp.hypot, any_size, any_size),
    "hypotNear": (mp.hypot, uniform(-9, 9), uniform(-9, 9)),
    "atan2": (lambda y, x: mp.atan2(y, x), uniform(-3, 3), uniform(-3, 3)),
}


def decimal(value):
    if not mp.isfinite(value) or abs(value) > MOST:
        return None
    with mp.workprec(700):
        return mp.nstr(mp.re(value), 45, strip_zeros=False, min_fixed=0, max_fixed=0)


def rows(f, draws):
    found = []
    while len(found) < COUNT:
        args = draws()
        if any(math.isinf(a) or a == 0 for a in args):
            continue
        try:
            text = decimal(f(*map(mpf, args)))
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        if text is not None:
            found.append([*args, text])
    return found


# As Gradus reads them, and as Python does; drawn from ranges where they are defined.
nested = {
    "sin(x^2) e^(-x)": (lambda x: mp.sin(x ** 2) * mp.exp(-x), uniform(-4, 4)),
    "ln(1 + sqrt(x)) / (1 + x^2)": (lambda x: mp.log(1 + mp.sqrt(x)) / (1 + x ** 2), uniform(0, 9)),
    "tanh(3x - 1)^3 + atan(1/x)": (lambda x: mp.tanh(3 * x - 1) ** 3 + mp.atan(1 / x), uniform(0.1, 4)),
    "x^x": (lambda x: x ** x, uniform(0.01, 5)),
    "sigmoid(2 - 3x) (1 - sigmoid(2 - 3x))": (lambda x: sigmoid(2 - 3 * x) * (1 - sigmoid(2 - 3 * x)), uniform(-4, 4)),
    "gelu(x)": (lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2, uniform(-9, 9)),
    "mish(x)": (lambda x: x * mp.tanh(softplus(x)), uniform(-9, 9)),
    "cos(pi x) + e^(1/3)": (lambda x: mp.cos(mp.pi * x) + mp.exp(mpf(1) / 3), uniform(-9, 9)),
    "sqrt(x^2 + 0.1) - hypot(x, 2)": (lambda x: mp.sqrt(x ** 2 + mpf(1) / 10) - mp.hypot(x, 2), uniform(-9, 9)),
    "log_gamma(x) / gamma(x + 1/2)": (lambda x: log_gamma(x) / mp.gamma(x + 0.5), uniform(0.1, 20)),
    "abs(sin(5x)) + max(x, 1 - x)": (lambda x: abs(mp.sin(5 * x)) + max(x, 1 - x), uniform(-2, 2)),
    "x!": (lambda x: mp.gamma(x + 1), uniform(0, 9)),
}

table = {name: rows(f, lambda: [rng.choice(draws)()]) for name, (f, draws) in one.items()}
table |= {name: rows(f, lambda: [a(), b()]) for name, (f, a, b) in two.items()}
nested_rows = [[text, *row] for text, (f, draw) in nested.items() for row in rows(f, lambda: [draw()])]
# At the end, so that the points of the others stay as they are.
later = {
    "logisticPdf": (lambda x: mp.exp(-abs(x)) / (1 + mp.exp(-abs(x))) ** 2, [uniform(-3, 3), tiny, uniform(-745, 745)]),
}
table |= {name: rows(f, lambda: [rng.choice(draws)()]) for name, (f, draws) in later.items()}


def lines(found):
    return "[\n" + ",\n".join(json.dumps(r) for r in found) + "\n]"


parts = [json.dumps(name) + ": " + lines(found) for name, found in [*table.items(), ("nested", nested_rows)]]
TARGET.write_text("{" + ",\n".join(parts) + "}\n")
print(TARGET, sum(map(len, table.values())) + len(nested_rows))
