"""Makes packages/gradus/src/primitives/kernels/coefficients.ts: polynomials fitted with mpmath.

Run: python3 reference/chebyshev.py   (needs mpmath; the product does not)

Each function is interpolated at Chebyshev nodes and cut at the first degree whose remainder is below the
tolerance (near-minimax); the sum of T_j(s) is then rewritten in powers of s at 60 digits.
"""
from pathlib import Path
from mpmath import mp, mpf, cos, pi, e, erf, erfc, exp, gamma, loggamma, digamma, psi, findroot, log, sqrt, tanh

mp.dps = 60
NODES = 64


def fit(f, lo, hi, bits, centred=True):
    """Powers of s = (x - middle)/half (of x itself if not centred), lowest first; remainder below 2^-bits of f."""
    lo, hi = mpf(lo), mpf(hi)
    nodes = [cos(pi * (k + mpf(1) / 2) / NODES) for k in range(NODES)]
    values = [f((hi - lo) / 2 * t + (hi + lo) / 2) for t in nodes]
    c = [
        sum(v * cos(pi * j * (k + mpf(1) / 2) / NODES) for k, v in enumerate(values)) * (2 if j else 1) / NODES
        for j in range(NODES)
    ]
    size = min(abs(v) for v in values)
    degree = next(j for j in range(NODES) if sum(abs(x) for x in c[j + 1 :]) < mpf(2) ** -bits * size)
    powers, before, current = [mpf(0)] * (degree + 1), [mpf(1)], [mpf(0), mpf(1)]
    for j in range(degree + 1):
        for k, b in enumerate(before):
            powers[k] += c[j] * b
        after = [mpf(0)] + [2 * x for x in current]
        for k, b in enumerate(before):
            after[k] -= b
        before, current = current, after
    return powers if centred else shifted(powers, (lo + hi) / 2, (hi - lo) / 2)


def shifted(powers, middle, half):
    """p((x - middle)/half) in powers of x."""
    total = [mpf(0)]
    for c in reversed(powers):
        grown = [mpf(0)] * (len(total) + 1)
        for k, t in enumerate(total):
            grown[k + 1] += t / half
            grown[k] -= t * middle / half
        grown[0] += c
        total = grown
    return total[: len(powers)]


def erfcx(x):
    return exp(x * x) * erfc(x)


def around(f, holes):
    """f, with a removable hole filled by the mean of its neighbours."""
    def filled(x):
        if any(abs(x - h) < mpf(10) ** -18 for h in holes):
            return (f(x + mpf(10) ** -15) + f(x - mpf(10) ** -15)) / 2
        return f(x)
    return filled


log_gamma_quotient = around(lambda x: loggamma(x) / ((x - 1) * (x - 2)), (1, 2))
root = findroot(digamma, mpf("1.4616321449683623"))

FITS = {
    "ERF": ("erf(x)/x − 1 in powers of z = x², 0 ≤ z ≤ 1",
            fit(lambda z: erf(sqrt(z)) / sqrt(z) - 1, 0, 1, 56, centred=False)),
    "ERFCX_HALF": ("erfcx on [½, 1], in powers of 4x − 3", fit(erfcx, 0.5, 1, 57)),
    "ERFCX_ONE": ("erfcx on [1, 2], in powers of 2x − 3", fit(erfcx, 1, 2, 57)),
    "ERFCX_TWO": ("erfcx on [2, 4], in powers of x − 3", fit(erfcx, 2, 4, 57)),
    "ERFCX_FAR": ("(x·erfcx(x) − 1/√π)/z with z = 1/x², x ≥ 4, in powers of 32z − 1",
                  fit(lambda z: (erfcx(1 / sqrt(z)) / sqrt(z) - 1 / sqrt(pi)) / z, 0, 0.0625, 53)),
    "TANH": ("(tanh(x)/x − 1)/z in powers of z = x², 0 ≤ z ≤ 0.36",
             fit(lambda z: (tanh(sqrt(z)) / sqrt(z) - 1) / z, 0, "0.36", 56, centred=False)),
    "GAMMA": ("(Γ(1 + d) − 1)/(d(d − 1)), 0 ≤ d ≤ 1, in powers of 2d − 1",
              fit(lambda d: (gamma(1 + d) - 1) / (d * (d - 1)), 0, 1, 55)),
    "LOG_GAMMA_LOW": ("ln Γ(x)/((x − 1)(x − 2)) on [½, 3/2], in powers of 2(x − 1)",
                      fit(log_gamma_quotient, 0.5, 1.5, 57)),
    "LOG_GAMMA_HIGH": ("ln Γ(x)/((x − 1)(x − 2)) on [3/2, 7/2], in powers of x − 5/2",
                       fit(log_gamma_quotient, 1.5, 3.5, 57)),
    "DIGAMMA": ("ψ(x)/(x − root) on [1, 2], in powers of 2x − 3",
                fit(around(lambda x: digamma(x) / (x - root), (root,)), 1, 2, 57)),
    "DIGAMMA_TAIL": ("(ψ(x) − ln y)/z with y = x − ½ ≥ 3/2, z = 1/y², in powers of (9z − 2)/2",
                     fit(lambda z: (psi(0, 1 / sqrt(z) + mpf(1) / 2) + log(z) / 2) / z, 0, mpf(4) / 9, 51)),
}

CONSTANTS = {
    "INVERSE_ROOT_PI": ("1/√π", 1 / sqrt(pi), False),
    "SQRT1_2_LOW": ("√½ − Math.SQRT1_2", sqrt(mpf(0.5)) - mpf(float(sqrt(mpf(0.5)))), False),
    "PI_LOW": ("π − Math.PI", pi - mpf(float(pi)), False),
    "DIGAMMA_ROOT": ("The positive root of ψ", root, True),
    "EXP_MINUS_64": ("e^−64", exp(mpf(-64)), False),
    "INVERSE_E": ("1/e", 1 / e, True),
    "STIRLING": ("√(2π/e)", sqrt(2 * pi / e), True),
    "HALF_LOG_TWO_PI": ("½ ln 2π − ½", log(2 * pi) / 2 - mpf(1) / 2, False),
}


def number(c):
    return repr(float(c)).replace("e-0", "e-")


def filled(numbers):
    """Numbers in lines of at most 110 characters, as the formatter lays them out."""
    lines, line = [], " "
    for n in numbers:
        if len(line) + len(n) + 2 > 110:
            lines.append(line)
            line = " "
        line += f" {n},"
    return lines + [line]


out = ["// Made by reference/chebyshev.py with mpmath: do not edit.", ""]
for name, (what, value, two_parts) in CONSTANTS.items():
    out += [f"/** {what}{', in two parts' if two_parts else ''}. */", f"export const {name} = {number(value)};"]
    if two_parts:
        out.append(f"export const {name}_LOW = {number(value - mpf(float(value)))};")
    out.append("")
for name, (what, powers) in FITS.items():
    out += [f"/** {what}; lowest power first. */", f"export const {name}: readonly number[] = ["]
    out += filled([number(c) for c in powers]) + ["];", ""]
path = Path(__file__).parent.parent / "packages/gradus/src/primitives/kernels/coefficients.ts"
path.write_text("\n".join(out))
print({name: len(powers) for name, (_, powers) in FITS.items()})
