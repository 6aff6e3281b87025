"""Makes packages/gradus/src/primitives/kernels/coefficients.ts: Chebyshev coefficients, fitted with mpmath.

Run: python3 reference/chebyshev.py   (needs mpmath; the product does not)
"""
from pathlib import Path
from mpmath import mp, mpf, cos, pi, erfc, exp, gamma, loggamma, digamma, findroot

mp.dps = 40


def fit(f, lo, hi, n):
    """Coefficients c_0 (halved) ... of f on [lo, hi], cut where they drop below 2^-60 of the first."""
    m = 80
    nodes = [cos(pi * (k + mpf(1) / 2) / m) for k in range(m)]
    values = [f((hi - lo) / 2 * t + (hi + lo) / 2) for t in nodes]
    cs = []
    for j in range(n):
        s = sum(v * cos(pi * j * (k + mpf(1) / 2) / m) for k, v in enumerate(values)) * 2 / m
        cs.append(s if j else s / 2)
    while abs(cs[-1]) < mpf(2) ** -60 * abs(cs[0]):
        cs.pop()
    return cs


def erfcx_of(t):
    """x erfcx-like function of t = (x - 3)/(x + 3), so that [0, inf) becomes [-1, 1): (x + 3) erfcx(x) / 3."""
    if t == 1:
        return 1 / mp.sqrt(pi) / 3
    x = 3 * (1 + t) / (1 - t)
    if x > 1000:
        return (x + 3) / (x * mp.sqrt(pi)) * (1 - 1 / (2 * x * x) + 3 / (4 * x**4)) / 3
    return (x + 3) * exp(x * x) * erfc(x) / 3


root = findroot(digamma, 1.4616321449683623)


def log_gamma_quotient(x):
    d = (x - 1) * (x - 2)
    if abs(d) < mpf(10) ** -15:
        h = mpf(10) ** -12
        return (log_gamma_quotient(x + h) + log_gamma_quotient(x - h)) / 2
    return loggamma(x) / d


def digamma_quotient(x):
    if abs(x - root) < mpf(10) ** -20:
        return mp.psi(1, root)
    return digamma(x) / (x - root)


tables = {
    "ERFCX": ("(x + 3)·erfcx(x)/3 in t = (x − 3)/(x + 3)", fit(erfcx_of, mpf(-1), mpf(1), 70)),
    "GAMMA": ("Γ(x) on [1, 2]", fit(gamma, mpf(1), mpf(2), 40)),
    "LOG_GAMMA": ("ln Γ(x)/((x − 1)(x − 2)) on [1/2, 3]", fit(log_gamma_quotient, mpf(1) / 2, mpf(3), 70)),
    "DIGAMMA": ("ψ(x)/(x − root) on [1, 2]", fit(digamma_quotient, mpf(1), mpf(2), 50)),
}
high = float(root)
out = ["// Made by reference/chebyshev.py with mpmath: do not edit.", ""]
for name, (what, cs) in tables.items():
    out += [f"/** {what}. */", f"export const {name}: readonly number[] = ["]
    out += [f"  {mp.nstr(c, 17) if float(c) == 0 else repr(float(c))}," for c in cs] + ["];", ""]
out += ["/** The positive root of ψ, in two parts. */", f"export const DIGAMMA_ROOT = {high!r};", f"export const DIGAMMA_ROOT_LOW = {float(root - mpf(high))!r};", ""]
path = Path(__file__).parent.parent / "packages/gradus/src/primitives/kernels/coefficients.ts"
path.write_text("\n".join(out))
print({k: len(v[1]) for k, v in tables.items()})
