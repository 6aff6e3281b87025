"""Makes packages/gradus/test/reference/slopes.json: f, f', f'' over the whole range, by mpmath with 60 digits.

Run: python3 reference/slopes.py   (needs mpmath; the product and its tests do not)
"""
import json
from pathlib import Path
from mpmath import mp, mpf, exp, tanh, log, erf, erfc, sqrt, pi, sinh, cosh, asinh, atan, log1p, expm1, gamma, digamma, loggamma, sech, atanh, acosh, sin, cos, tan, asin

mp.dps = 60
sig = lambda x: 1 / (1 + exp(-x))
WIDE = [-700, -100, -40, -20, -5, -1.5, -0.7, -1e-3, -1e-9, 1e-300, 1e-9, 1e-3, 0.7, 1.5, 5, 20, 40, 100, 700]
MID = [-30, -8, -2.5, -0.7, -1e-3, -1e-9, 1e-9, 1e-3, 0.7, 2.5, 8, 30]
POS = [1e-200, 1e-9, 1e-3, 0.7, 1.5, 20, 1e9, 1e200]
functions = {
    "sigmoid": (sig, WIDE),
    "tanh": (tanh, [x for x in WIDE if abs(x) < 350]),
    "softplus": (lambda x: log1p(exp(x)), WIDE),
    "logSigmoid": (lambda x: -log1p(exp(-x)), WIDE),
    "erf": (erf, [x for x in MID if abs(x) < 9]),
    "erfc": (erfc, [-5, -1, -1e-3, 1e-9, 0.7, 2.5, 8, 20, 26]),
    "expm1": (expm1, MID),
    "log1p": (log1p, [-0.999, -0.5, -1e-3, -1e-9, 1e-9, 1e-3, 0.7, 20, 1e9]),
    "log": (log, POS),
    "sqrt": (sqrt, POS),
    "sech": (sech, [x for x in WIDE if 1e-10 < abs(x) < 350]),
    "asinh": (asinh, [-1e9, -20, -0.7, -1e-3, 1e-3, 0.7, 20, 1e9]),
    "atan": (atan, [-1e9, -20, -0.7, -1e-3, 1e-3, 0.7, 20, 1e9]),
    "atanh": (atanh, [-0.999999, -0.5, -1e-3, 1e-3, 0.5, 0.999999]),
    "acosh": (acosh, [1.000001, 1.5, 20, 1e9]),
    "asin": (asin, [-0.999999, -0.5, -1e-3, 1e-3, 0.5, 0.999999]),
    "sinh": (sinh, [-20, -0.7, 1e-3, 0.7, 20]),
    "cosh": (cosh, [-20, -0.7, 1e-3, 0.7, 20]),
    "sin": (sin, [-20, -0.7, 1e-3, 0.7, 20]),
    "tan": (tan, [-1.5, -0.7, 1e-3, 0.7, 1.5]),
    "gelu": (lambda x: x * erfc(-x / sqrt(2)) / 2, [-10, -5, -2, -1e-3, 1e-3, 2, 5, 10]),
    "silu": (lambda x: x * sig(x), [-700, -40, -5, -1e-3, 1e-3, 5, 40]),
    "gamma": (gamma, [0.1, 0.7, 1.5, 3.2, 20.5, 100.5]),
    "logGamma": (loggamma, [0.1, 0.7, 3.2, 20.5, 1e6]),
    "digamma": (digamma, [0.1, 0.7, 3.2, 20.5, 1e6]),
}
out = {}
for name, (f, points) in functions.items():
    rows = []
    for x in points:
        with mp.workdps(1600):
            # So many digits that a plain difference with a tiny step is exact to those kept.
            x = mpf(x)
            h = abs(x) * mpf(10) ** -45
            values = [f(x), (f(x + h) - f(x - h)) / (2 * h), (f(x + h) - 2 * f(x) + f(x - h)) / h**2]
        rows.append({"x": repr(float(x)), "f": [mp.nstr(v, 22, min_fixed=1, max_fixed=0) for v in values]})
    out[name] = rows
path = Path(__file__).parent.parent / "packages/gradus/test/reference/slopes.json"
path.write_text(json.dumps(out, indent=0) + "\n")
print({k: len(v) for k, v in out.items()})
