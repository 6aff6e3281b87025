"""What people type, and what it is worth: each line of typed.txt holds maths as it is typed, and the same in Python.
ERR: it must be refused. Run: python3 reference/typed.py (needs mpmath)."""

import json
import pathlib

import mpmath as mp

here = pathlib.Path(__file__).parent
numbers = dict(
    x=0.7, y=1.3, w=0.5, b=0.2, a=1.7, n=3, c=0.9, z=0.4, m=1.1, k=2.3, s=1.4, mu=0.3, alpha=0.6, beta=0.8,
    lam=0.25, om=2.1, phi=0.35, A=1.9, yhat=0.65, w_1=0.3, w_2=-0.4, x_1=1.2, x_2=0.8, w1=0.31, w2=-0.41,
    x1=1.21, x2=0.81, th0=0.15, th1=-0.35,
)
written = dict(s="σ", mu="μ", alpha="α", beta="β", lam="λ", om="ω", phi="φ", yhat="ŷ", th0="θ_0", th1="θ_1")
scope = {name: mp.mpf(value) for name, value in numbers.items()}
functions = "sin cos tan asin acos atan sinh cosh tanh acosh exp log sqrt erf gamma floor ceil atan2 hypot pi"
scope.update({name: getattr(mp, name) for name in functions.split()}, abs=abs, max=max, min=min)

rows = []
for line in (here / "typed.txt").read_text().splitlines():
    typed, meaning = line.split(" ;; ")
    rows.append([typed, None if meaning == "ERR" else float(eval(meaning, scope))])
out = here.parent / "packages/gradus/test/reference/typed.json"
values = {written.get(name, name): value for name, value in numbers.items()}
lines = ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in rows)
out.write_text(f'{{\n  "values": {json.dumps(values, ensure_ascii=False)},\n  "rows": [\n{lines}\n  ]\n}}\n')
