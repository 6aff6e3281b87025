"""Makes packages/gradus/test/reference/fits.json: SciPy's fits with weights, bounds and robust losses; Student's t by mpmath.

Run: python3 reference/fits.py   (needs numpy, scipy and mpmath)
"""
import json
from pathlib import Path
import mpmath
import numpy as np
from scipy.optimize import curve_fit, least_squares
from scipy.stats import t as student

mpmath.mp.dps = 40
x = np.round(np.linspace(0.1, 4, 25), 3)
rng = np.random.default_rng(7)
y = np.round(3.2 * np.exp(-0.9 * x) + 0.4 + rng.normal(0, 0.05, x.size), 4)
y[[4, 17]] += [1.5, -2.0]
sigma = np.round(0.02 + 0.03 * x, 4)
model = lambda x, a, b, c: a * np.exp(-b * x) + c
start = [1, 1, 0]
tight = dict(ftol=1e-15, xtol=1e-15, gtol=1e-15, max_nfev=5000)
rows = {"x": x.tolist(), "y": y.tolist(), "weights": (1 / sigma**2).tolist(), "fits": {}}
slopes = lambda x, a, b, c: np.stack([np.exp(-b * x), -a * x * np.exp(-b * x), np.ones_like(x)], axis=1)
value, covariance = curve_fit(model, x, y, p0=start, sigma=sigma, jac=slopes, xtol=1e-15, ftol=1e-15, gtol=1e-15)
rows["fits"]["weighted"] = {"value": value.tolist(), "standardError": np.sqrt(np.diag(covariance)).tolist()}
value, covariance = curve_fit(model, x, y, p0=start, jac=slopes, xtol=1e-15, ftol=1e-15, gtol=1e-15)
d = np.sqrt(np.diag(covariance))
rows["fits"]["plain"] = {"value": value.tolist(), "standardError": d.tolist(), "correlations": (covariance / np.outer(d, d)).tolist()}
residual = lambda p: model(x, *p) - y
jacobian = lambda p: slopes(x, *p)
for name, loss in {"huber": "huber", "soft-l1": "soft_l1", "cauchy": "cauchy"}.items():
    r = least_squares(residual, start, jac=jacobian, loss=loss, f_scale=0.1, **tight)
    rows["fits"][name] = {"value": r.x.tolist(), "loss": float(2 * r.cost)}
r = least_squares(residual, [1, 1, 1], jac=jacobian, bounds=([-np.inf, 0.5, 0.45], [2.5, np.inf, np.inf]), **tight)
rows["fits"]["bounded"] = {"value": r.x.tolist()}


def two_sided(t, n):
    t, n = mpmath.mpf(t), mpmath.mpf(n)
    return mpmath.betainc(n / 2, mpmath.mpf(1) / 2, 0, n / (n + t * t), regularized=True)


def quantile(p, n):
    near = mpmath.mpf(float(student.isf(float(p) / 2, n)))
    return mpmath.findroot(lambda t: two_sided(t, n) - p, (near * 0.999, near * 1.001), tol=1e-50)


rows["twoSided"] = [[t, n, float(two_sided(t, n))] for t in [0.01, 0.5, 1, 2, 5, 20, 100] for n in [1, 2, 5, 12, 100, 10000]]
rows["quantile"] = [[p, n, float(quantile(mpmath.mpf(str(p)), n))] for p in [0.5, 0.1, 0.05, 0.01, 0.001] for n in [1, 2, 3, 12, 100, 10000]]
rows["incompleteBeta"] = [
    [a, b, z, float(mpmath.betainc(a, b, 0, z, regularized=True))]
    for a in [0.5, 1, 3.5, 40] for b in [0.5, 2, 17, 300] for z in [1e-6, 0.1, 0.5, 0.9, 0.999999]
]
target = Path(__file__).parent.parent / "packages/gradus/test/reference/fits.json"
target.write_text(json.dumps(rows, indent=0).replace("\n", ""))
