"""Makes packages/gradus/test/reference/kernels.json: what each scalar kernel should give, by mpmath.

Run: python3 reference/kernels.py [points-per-function [file]]   (needs mpmath; the product does not)

{"erf": [[x, value], ...], ...}: arguments are doubles, values decimals of 25 digits, or NaN, Infinity, 0, -0.
Two-argument kernels have [x, y, value].
"""
import json
import math
import random
import sys
from pathlib import Path
import mpmath as mp
from mpmath import mpf

RANDOM = int(sys.argv[1]) if len(sys.argv) > 1 else 36
TARGET = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent.parent / "packages/gradus/test/reference/kernels.json"
INF, NAN = math.inf, math.nan
TINY, HUGE = 5e-324, sys.float_info.max
LAST_ROUNDED_DOWN = mpf(HUGE) + mpf(2) ** 970  # from here on a value rounds to Infinity
mp.mp.prec = 1300  # enough to add 1 to a square of the smallest double's neighbours, and to reduce 1e300
rng = random.Random(20)


def uniform(lo, hi):
    return lambda: rng.uniform(lo, hi)


def scaled(lo, hi, sign=1):
    """2^lo to 2^hi, evenly in the exponent; sign 0 for both signs."""
    return lambda: (sign or rng.choice((-1, 1))) * 2.0 ** rng.uniform(lo, hi)


def near(center, lo=-50, hi=-2, sign=0):
    """center ± 2^lo to 2^hi."""
    return lambda: center + scaled(lo, hi, sign)()


def near_whole(lo, hi):
    return lambda: rng.randint(lo, hi) + scaled(-40, -2, 0)()


def decimal(value):
    if isinstance(value, str):
        return value
    if mp.isnan(value):
        return "NaN"
    if abs(value) >= LAST_ROUNDED_DOWN:
        return "Infinity" if value > 0 else "-Infinity"
    if abs(value) < mpf(2) ** -1076:
        return "0"
    return mp.nstr(value, 25, strip_zeros=True, min_fixed=0, max_fixed=0)


def phi(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def gamma(x):
    return INF if x > 200 else mpf(0) if x < -300 else mp.gamma(x)


def sigmoid(x):
    return 1 / (1 + mp.exp(-x)) if x > -2000 else mpf(0)


def logistic_pdf(x):
    e = mp.exp(-abs(x))
    return e / (1 + e) ** 2


def softplus(x):
    # The working precision is about 390 digits; e^x below that is the value itself.
    return mp.log1p(mp.exp(x)) if abs(x) < 2000 else max(x, mpf(0))


def real_cbrt(x):
    return mp.sign(x) * mp.cbrt(abs(x))


def mod_floor(x, y):
    # Python's own float remainder is the definition.
    return mpf(float(x) % float(y))


def hyper(f, at_infinity):
    """f from |x| = 2000 on is its limit: mpmath would take e^x for x = 1e308."""
    return lambda x: f(x) if abs(x) < 2000 else at_infinity * (mp.sign(x) if f in ODD else 1)


ODD = (mp.sinh, mp.tanh, mp.csch, mp.coth)
every = [uniform(-3, 3), uniform(-30, 30), scaled(-1060, 1020, 0), scaled(-30, 10, 0)]
ends = [TINY, -TINY, 1e-310, 2.0**-1022, 1e-20, -1e-8, HUGE, -HUGE]
positive_ends = [TINY, 1e-310, 2.0**-1022, 1e-20, HUGE]

# name: (reference, edge points, samplers)
KERNELS = {
    "erf": (mp.erf, ends[:6] + [0.5, 1.0, -1.0, 5.9, 6.0, 30.0, -HUGE], [uniform(-1, 1), uniform(-4, 4), uniform(1, 6)]),
    "erfc": (mp.erfc, [TINY, -TINY, 1e-17, 0.5, 1.0, 2.0, 4.0, 26.5, 26.6, 27.2, 27.22, 27.3, 30.0, -6.0, -30.0],
             [uniform(-3, 1), uniform(0.4, 6), uniform(4, 27.2), uniform(26, 27.2)]),
    "erfcx": (lambda x: mp.exp(x * x) * mp.erfc(x) if x < 1e3 else 1 / (x * mp.sqrt(mp.pi)) * (1 - 1 / (2 * x * x)) if x > 1e15
              else mp.exp(x * x) * mp.erfc(x),
              [TINY, -TINY, 0.5, 1.0, 2.0, 4.0, 50.0, 1e17, 1e200, 1e308, -26.6, -26.7, -28.0],
              [uniform(-3, 1), uniform(0.4, 8), uniform(4, 60), uniform(-26, 0)]),
    "normalCdf": (phi, [TINY, -TINY, -0.71, 0.71, -5.0, -37.5, -38.4, -38.45, -38.5, -41.0, 9.0, 41.0],
                  [uniform(-1, 1), uniform(-8, 3), uniform(-38, -6)]),
    "gamma": (gamma, [float(n) for n in range(1, 24)] + [30.0, 100.0, 170.0, 171.0, 171.62437695630272, 171.6243769563028,
                      172.0, 1e308, 1e-308, 1e-309, -1e-309, -1e-320, 1e-17, -1e-16, -170.5, -171.00000000000003, -177.5, -183.5,
                      -184.5, -186.5, -200.5, -2000.5],
              [uniform(0, 2), uniform(2, 13), uniform(12, 171.6), uniform(-3, 0), uniform(-14, 0), near_whole(-20, 12),
               uniform(-178, -12), near_whole(-170, -12)]),
    "logGamma": (lambda x: mp.re(mp.loggamma(x)) if x > 0 else mp.log(abs(mp.gamma(x))),
                 [TINY, 1e-310, 1e-300, 1e-17, 0.5, 1.5, 2.5, 3.0, 3.5, 12.0, 1e10, 1e100, 1e300, 2.55e305, 2.57e305, HUGE],
                 [uniform(0, 2), uniform(0.4, 4), near(1.0, -50), near(2.0, -50), uniform(2, 20), uniform(3, 1000), scaled(-60, 900)]),
    "logGammaNegative": (lambda x: mp.log(abs(mp.gamma(x))), [-TINY, -1e-310, -1e-17, -0.5, -2.457024738220801, -11.5, -12.5, -1000.5],
                         [uniform(-1, 0), uniform(-14, 0), uniform(-100, 0), near_whole(-18, -1)]),
    "digamma": (lambda x: mp.psi(0, x), [1e-300, 1e-20, 0.5, 1.0, 1.4616321449683622, 1.4616321449683624, 1.46, 2.0, 3.0, 1e10, 1e100, 1e300],
                [uniform(0, 2), uniform(1, 3), near(1.4616321449683623, -50), uniform(2, 40), scaled(-60, 900)]),
    "digammaNegative": (lambda x: mp.psi(0, x), [-1e-300, -1e-20, -0.5, -0.504083008264455, -1000.5],
                        [uniform(-1, 0), uniform(-14, 0), uniform(-1000, 0), near_whole(-30, -1)]),
    "sinh": (hyper(mp.sinh, INF), ends + [710.4, -710.4, 710.5], [uniform(-3, 3), uniform(-700, 700), scaled(-60, 3, 0)]),
    "cosh": (hyper(mp.cosh, INF), ends + [710.4, -710.4, 710.5], [uniform(-3, 3), uniform(-700, 700), scaled(-60, 3, 0)]),
    "tanh": (hyper(mp.tanh, 1), ends + [0.6, -0.6, 19.0, 22.5, 800.0], [uniform(-1, 1), uniform(-3, 3), uniform(-20, 20), scaled(-60, 3, 0)]),
    "sech": (hyper(mp.sech, 0), ends + [22.0, 22.1, 705.0, 740.0, 745.0, 745.8, 745.9, -800.0], [uniform(-3, 3), uniform(-30, 30), uniform(-745, 745)]),
    "csch": (hyper(mp.csch, 0), [TINY, -1e-310, 1e-308, 1e-20, HUGE, 22.0, 22.1, 705.0, -740.0, 745.8, 745.9],
             [uniform(-3, 3), uniform(-30, 30), uniform(-745, 745), scaled(-60, 3, 0)]),
    "coth": (hyper(mp.coth, 1), [TINY, -1e-310, 1e-308, 1e-20, 800.0, -HUGE], [uniform(-3, 3), uniform(-20, 20), scaled(-60, 3, 0)]),
    "asinh": (mp.asinh, ends, every),
    "acosh": (mp.acosh, [1.0, 1 + 2.0**-52, 2.0, 1e154, 1e155, HUGE], [near(1.0, sign=1), uniform(1, 10), scaled(0, 1020)]),
    "atanh": (mp.atanh, ends[:6] + [1 - 2.0**-53, -1 + 2.0**-53], [uniform(-1, 1), near(1.0, -50, -2, -1), scaled(-60, -1, 0)]),
    "asech": (mp.asech, [TINY, 1e-310, 1e-160, 1e-150, 1e-9, 1e-10, 1.1e-10, 1 - 2.0**-53, 1.0], [uniform(0, 1), near(1.0, -50, -2, -1), scaled(-1000, 0)]),
    "acsch": (mp.acsch, ends, every),
    "acoth": (mp.acoth, [1 + 2.0**-52, -1 - 2.0**-52, 2.0, 1e17, HUGE, -HUGE], [near(1.0, sign=1), uniform(1, 10), uniform(-10, -1), scaled(1, 1000, 0)]),
    "sin": (mp.sin, ends + [1e22, 3.141592653589793, 6381956970095103 * 2.0**797], every),
    "cos": (mp.cos, ends + [1e22, 1.5707963267948966], every),
    "tan": (mp.tan, ends + [1e22, 1.5707963267948966], every),
    "sec": (mp.sec, ends + [1e22, 1.5707963267948966], every),
    "csc": (mp.csc, ends[2:] + [TINY, 1e22, 3.141592653589793], every),
    "cot": (mp.cot, ends[2:] + [TINY, 1e22, 3.141592653589793, 1.5707963267948966], every),
    "asec": (mp.asec, [1.0, -1.0, 1 + 2.0**-52, -1 - 2.0**-52, 2.0, 1e17, HUGE, -HUGE], [near(1.0, sign=1), near(-1.0, sign=-1), uniform(1, 10), scaled(0, 1000, 0)]),
    "acsc": (mp.acsc, [1.0, -1.0, 1 + 2.0**-52, -1 - 2.0**-52, 2.0, 1e17, HUGE, -HUGE], [near(1.0, sign=1), near(-1.0, sign=-1), uniform(1, 10), scaled(0, 1000, 0)]),
    "acot": (lambda x: mp.atan(1 / x), ends, every),
    "sigmoid": (sigmoid, ends + [-708.5, -740.0, -745.0, -746.0, 37.0, 800.0], [uniform(-5, 5), uniform(-745, 40), scaled(-60, 3, 0)]),
    "softplus": (softplus, ends + [-708.5, -740.0, -745.0, -746.0, 37.0, 800.0], [uniform(-5, 5), uniform(-745, 40), scaled(-60, 3, 0)]),
    "logSigmoid": (lambda x: -softplus(-x), ends + [708.5, 740.0, 745.0, 37.0, -800.0], [uniform(-5, 5), uniform(-40, 745), scaled(-60, 3, 0)]),
    "cbrt": (real_cbrt, ends + [27.0, -8.0, 1e15], every),
    "log2": (lambda x: mp.log(x, 2), positive_ends + [1.0, 2.0, 0.5, 2.0**1023, 1024.0, 1 + 2.0**-52, 1 - 2.0**-53], [uniform(0.5, 2), near(1.0, -50), scaled(-1070, 1020)]),
    "log10": (mp.log10, positive_ends + [float(f"1e{k}") for k in (-300, -5, -1, 0, 1, 2, 3, 5, 15, 22, 23, 300)] + [1 + 2.0**-52], [uniform(0.5, 2), near(1.0, -50), scaled(-1070, 1020)]),
    "expm1": (lambda x: mp.expm1(x) if x > -2000 else mpf(-1), ends[:6] + [709.7, 709.8, -37.5, -50.0, -HUGE], [uniform(-1, 1), uniform(-40, 700), scaled(-60, 3, 0)]),
    "log1p": (mp.log1p, ends[:7] + [-1 + 2.0**-53, -0.5, 1.0], [uniform(-1, 1), scaled(-60, -1, 0), scaled(-60, 1000)]),
}


def log2_bounded():
    """(x, y) with x^y between 2^-1060 and 2^1020."""
    x = rng.choice((scaled(-3, 3), scaled(-900, 900), near(1.0, -40)))()
    return x, rng.uniform(-1060, 1020) / (math.log2(x) or 1.0)


def close_pair():
    x = scaled(-1000, 1000, 0)()
    return x, x * scaled(-5, 5, 0)()


PAIRS = {
    "polygamma": (lambda n, x: mp.psi(int(n), x) if x < 1e15 else (-1) ** (int(n) + 1) * mp.factorial(n - 1) / x**n * (1 + n / (2 * x) + n * (n + 1) / (12 * x * x)),
                  [(1, 1.0), (1, 1e-320), (1, 1e-154), (1, 1e300), (2, 1e150), (3, 0.5), (1, 0.5), (2, 1.5), (5, 1e-60), (20, 17.3), (100, 1e-3), (150, 200.0),
                   (170, 150.5), (171, 2.5), (400, 300.5), (1000, 1000.5), (1000, 1.5), (1000, 5e3)],
                  [lambda: (rng.randint(1, 4), rng.uniform(0, 20)), lambda: (rng.randint(1, 60), rng.uniform(0, 80)),
                   lambda: (rng.randint(1, 4), scaled(-60, 100)())]),
    "polygammaNegative": (lambda n, x: mp.psi(int(n), x), [(1, -0.5), (2, -0.5), (3, -20.25), (50, -3.3), (1, -1e-100), (2, -1e-100), (1, -1000.5)],
                          [lambda: (rng.randint(1, 4), rng.uniform(-20, 0)), lambda: (rng.randint(1, 60), rng.uniform(-30, 0))]),
    "pow": (lambda x, y: mp.power(x, y), [(2.0, 0.5), (10.0, 22.0), (10.0, -5.0), (2.0, -1074.0), (0.5, 1074.0), (1.0000000000000002, 3e18), (1.0000001672750283, -3758980861.0), (-0.9999997787905114, 2326679485.0), (0.9999999999, 1e12), (1.0000001, -1e30), (-2.0, 3.0), (-8.0, 1022.0), (1e308, -1.05), (3.0, 5.0)],
            [log2_bounded, log2_bounded, lambda: (rng.uniform(0, 10), rng.choice((0.5, 1.5, 2.0, 3.0, -1.0, -0.5, 1 / 3)))]),
    "hypot": (mp.hypot, [(3.0, 4.0), (TINY, TINY), (1e-310, -2e-310), (HUGE, 1.0), (1e308, 1e308), (1.5e308, 1.5e308), (1.0, 1e-200), (1.0, 1e-9), (1e-200, 1e-201), (HUGE, HUGE)],
              [close_pair, lambda: (rng.uniform(-5, 5), rng.uniform(-5, 5))]),
    "modFloor": (mod_floor, [(5.0, 3.0), (-5.0, 3.0), (5.0, -3.0), (-5.0, -3.0), (-1e-20, 3.0), (1e-20, -3.0), (0.7, 0.1), (1e300, 7.0), (-1e300, 7.0), (5.5, 1e-310), (HUGE, -TINY), (-HUGE, 0.3), (2.0**53, 3.0)],
                 [close_pair, lambda: (rng.uniform(-50, 50), rng.uniform(-5, 5))]),
}


# At the end, so that the points of the others stay as they are.
LATER = {
    "logisticPdf": (logistic_pdf, ends + [-708.5, -740.0, -745.0, -746.0, 37.0, 745.0, 800.0], [uniform(-5, 5), uniform(-745, 745), scaled(-60, 3, 0)]),
}


def rows(reference, edges, samplers):
    points = [p if isinstance(p, tuple) else (p,) for p in edges]
    for i in range(RANDOM):
        p = samplers[i % len(samplers)]()
        points.append(p if isinstance(p, tuple) else (p,))
    made = []
    for p in points:
        exact = [mpf(v) for v in p]
        try:
            with mp.workprec(precision(p)):
                made.append([*p, decimal(reference(*exact))])
        except (ValueError, ZeroDivisionError):
            pass  # a sampled pole
    return made


def precision(p):
    """Bits: many only where arguments are far apart from 1, since mpmath's special functions are slow."""
    exponent = max((abs(math.frexp(v)[1]) for v in p if v), default=0)
    return 260 + (3 * exponent if exponent > 12 else 0)


table = {name: rows(*entry) for name, entry in (KERNELS | PAIRS | LATER).items()}
TARGET.parent.mkdir(parents=True, exist_ok=True)
lines = [json.dumps(name) + ": [\n" + ",\n".join("  " + json.dumps(r) for r in made) + "\n]" for name, made in table.items()]
TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n")
print(sum(len(r) for r in table.values()), "points,", TARGET.stat().st_size, "bytes")
