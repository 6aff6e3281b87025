"""Makes packages/gradus/test/reference/minimizers.json: SciPy's minimum and evaluations for the problems of Moré,
Garbow and Hillstrom kept beside the repository (formulas are not copied, only these counts). With "bounded": L-BFGS-B
from the standard start in the three boxes that `boxes` makes of it, which cut the minimum off in most. With "lm":
MINPACK's Levenberg-Marquardt on the residuals.

Run: python3 reference/minimizers.py ../shared/mgh/problems.json   (needs scipy and jax)
"""
import json
import math
import sys
import warnings
from pathlib import Path
import jax
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import numpy as np
from scipy.optimize import least_squares, minimize

warnings.filterwarnings("ignore")
METHODS = {"bfgs": "BFGS", "lbfgs": "L-BFGS-B", "newton": "trust-exact", "newton-cg": "trust-ncg"}
names = {k: getattr(jnp, k) for k in ["exp", "sin", "cos", "log", "sqrt"]} | {"atan": jnp.arctan, "pi": np.pi, "ln": jnp.log}
boxes = {
    "above": lambda x: (x, np.full_like(x, np.inf)),
    "near": lambda x: (x - 0.5 * np.maximum(1, abs(x)), x + 0.25 * np.maximum(1, abs(x))),
    "half": lambda x: (np.where(np.arange(len(x)) % 2, -np.inf, x - 0.1), np.where(np.arange(len(x)) % 2, x + 0.1, np.inf)),
}
rows = {}
for p in json.loads(Path(sys.argv[1]).read_text()):
    code = compile(p["expression"].replace("^", "**"), p["name"], "eval")
    f = jax.jit(lambda x: eval(code, names, {v: x[i] for i, v in enumerate(p["variables"])}))
    g, h = jax.jit(jax.grad(f)), jax.jit(jax.hessian(f))
    for times in [1, 10, 100]:
        start = np.array(p["start"], float) * times
        row = {}
        for name, method in METHODS.items():
            if not math.isfinite(f(start)):
                continue
            options = {"maxiter": 5000, **({"maxfun": 20000} if method == "L-BFGS-B" else {})}
            hess = (lambda x: np.array(h(x))) if name.startswith("newton") else None
            r = minimize(lambda x: float(f(x)), start, jac=lambda x: np.array(g(x)), hess=hess, method=method, options=options)
            if math.isfinite(r.fun):
                row[name] = [float(f"{r.fun:.10g}"), int(r.nfev)]
        residuals = [compile(r.replace("^", "**"), p["name"], "eval") for r in p["residuals"]]
        fun = jax.jit(lambda x: jnp.array([eval(c, names, {v: x[i] for i, v in enumerate(p["variables"])}) for c in residuals]))
        jac = jax.jit(jax.jacobian(fun))
        if np.all(np.isfinite(fun(start))):
            r = least_squares(lambda x: np.array(fun(x)), start, jac=lambda x: np.array(jac(x)), method="lm", max_nfev=5000)
            row["lm"] = [float(f"{2 * r.cost:.10g}"), int(r.nfev)]
        rows[f"{p['name']} × {times}"] = row
    start = np.array(p["start"], float)
    for name, box in boxes.items():
        low, high = box(start)
        r = minimize(lambda x: float(f(x)), start, jac=lambda x: np.array(g(x)), bounds=list(zip(low, high)), method="L-BFGS-B",
                     options={"maxiter": 5000, "maxfun": 20000})
        rows[f"{p['name']}, {name}"] = {"bounded": [float(f"{r.fun:.10g}"), int(r.nfev)]}
target = Path(__file__).parent.parent / "packages/gradus/test/reference/minimizers.json"
target.write_text(json.dumps(rows, indent=0, ensure_ascii=False).replace("\n", ""))
