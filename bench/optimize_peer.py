"""SciPy's and NumPy's times for bench/optimize.mjs: reads what to do as JSON, prints seconds as JSON."""
import json
import sys
import time
import warnings
import numpy as np
from scipy.optimize import curve_fit, minimize

warnings.filterwarnings("ignore")


def spent(run, times):
    """Seconds of the runs, the shortest first."""
    all = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        all.append(time.perf_counter() - start)
    return sorted(all)


def median(run, times):
    return spent(run, times)[times // 2]


def both(run, times):
    all = spent(run, times)
    return {"seconds": all[times // 2], "shortest": all[0]}


def fits(task):
    names = {k: getattr(np, k) for k in ["exp", "sin", "cos", "log", "sqrt", "arctan"]} | {"pi": np.pi}
    rows = []
    for p in task["problems"]:
        code = p["model"].replace("^", "**").replace("[", "(").replace("]", ")")
        parameters = ",".join(p["parameters"])
        model = eval(f"lambda x,{parameters}: {code}", names)
        x, y = np.array(p["x"]), np.array(p["y"])
        run = lambda: curve_fit(model, x, y, p0=p["start"], maxfev=100000)
        try:
            values = list(run()[0])
            rows.append({"seconds": median(run, task["times"]), "values": values})
        except RuntimeError:
            rows.append({"seconds": 0, "values": None})
    return rows


def rosenbrock(task):
    start = np.array(task["start"])

    def chain(x):
        gap = x[1:] - x[:-1] ** 2
        g = np.zeros_like(x)
        g[:-1] = -400 * x[:-1] * gap - 2 * (1 - x[:-1])
        g[1:] += 200 * gap
        return np.sum(100 * gap**2 + (1 - x[:-1]) ** 2), g

    def pairs(x):
        a, b = x[::2], x[1::2]
        gap = b - a * a
        g = np.empty_like(x)
        g[::2] = -400 * a * gap - 2 * (1 - a)
        g[1::2] = 200 * gap
        return np.sum(100 * gap**2 + (1 - a) ** 2), g

    function = {"chain": chain, "pairs": pairs}[task["kind"]]
    options = {"maxiter": 5000, "maxfun": 20000}
    run = lambda: minimize(function, start, jac=True, method="L-BFGS-B", options=options)
    r = run()
    return {**both(run, task["times"]), "value": r.fun, "evaluations": r.nfev}


def neuron(task):
    """The lecture's neuron by hand: sigmoid, half the mean square, its gradient, one step of descent."""
    n, k, rate = task["rows"], task["columns"], task["rate"]
    i = np.arange(n * k)
    x = np.sin(i * 12.9898).reshape(n, k)
    y = (x[:, 0] - 2 * x[:, 1] + x[:, 2] > 0.1).astype(float)
    w, b, losses = np.zeros(k), 0.0, []

    def step():
        nonlocal w, b
        p = 1 / (1 + np.exp(-(x @ w + b)))
        e = p - y
        losses.append(np.mean(e * e) / 2)
        d = e * p * (1 - p) / n
        w = w - rate * (x.T @ d)
        b = b - rate * np.sum(d)

    step()
    times = both(step, task["times"])
    return {**times, "loss": losses[-1]}


task = json.load(sys.stdin)
print(json.dumps({"fits": fits, "rosenbrock": rosenbrock, "neuron": neuron}[task["what"]](task)))
