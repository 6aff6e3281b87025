"""Makes packages/gradus/test/reference/minimizers.json: SciPy's minimum and evaluations for the problems of Moré,
Garbow and Hillstrom kept beside the repository (formulas are not copied, only these counts).

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
from scipy.optimize import minimize

warnings.filterwarnings("ignore")
METHODS = {"bfgs": "BFGS", "lbfgs": "L-BFGS-B", "newton": "trust-exact", "newton-cg": "trust-ncg"}
names = {k: getattr(jnp, k) for k in ["exp", "sin", "cos", "log", "sqrt"]} | {"atan": jnp.arctan, "pi": np.pi, "ln": jnp.log}
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
        rows[f"{p['name']} × {times}"] = row
target = Path(__file__).parent.parent / "packages/gradus/test/reference/minimizers.json"
target.write_text(json.dumps(rows, indent=0, ensure_ascii=False).replace("\n", ""))
