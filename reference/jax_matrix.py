"""Values and gradients of expressions in vectors and matrices, by JAX in float64, at one set of numbers.

Run: python3 reference/jax_matrix.py   (needs jax; writes packages/gradus/test/reference/jax-matrix.json)
"""

import inspect
import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
random = np.random.default_rng(5)
m, n, k = 4, 3, 2
shapes = dict(
    X=(m, n), A=(n, n), B=(n, n), C=(m, m), W=(m, n), V=(k, m), U=(m, k), M=(m, n),
    w=(n,), x=(n,), y=(m,), a=(n,), b=(n,), c=(m,), v=(k,), t=(k,),
)
values = {name: np.round(random.normal(size=shape), 3) for name, shape in shapes.items()}
values["λ"] = np.float64(0.7)
# Far from singular, with positive determinants and quadratic forms.
for name in ("A", "B"):
    values[name] = np.round(values[name] / 2 + 2 * np.eye(n), 3)
sig = jax.nn.sigmoid

# The expression, the variables to differentiate by, and the same for JAX.
ROWS = [
("‖X w − y‖²","X w y",lambda X,w,y:jnp.sum((X@w-y)**2)),
("½ ‖X w − y‖²","X w y",lambda X,w,y:jnp.sum((X@w-y)**2)/2),
("1/4 ‖X w − y‖²","w",lambda X,w,y:jnp.sum((X@w-y)**2)/4),
("(X w − y)^T (X w − y)","X w y",lambda X,w,y:(X@w-y)@(X@w-y)),
("x^T A x","x A",lambda x,A:x@A@x),
("x^T A^T x","x A",lambda x,A:x@A.T@x),
("a^T X^T y","a X y",lambda a,X,y:a@X.T@y),
("y^T X a","a X y",lambda y,X,a:y@X@a),
("a^T x","a x",lambda a,x:a@x),
("a·x","a x",lambda a,x:a@x),
("(a^T x)^2","x a",lambda a,x:(a@x)**2),
("(a^T x)(b^T x)","x a b",lambda a,x,b:(a@x)*(b@x)),
("exp(a^T x)","x",lambda a,x:jnp.exp(a@x)),
("ln(1 + exp(−a^T x))","x a",lambda a,x:jnp.log(1+jnp.exp(-a@x))),
("σ(a^T x)","x a",lambda a,x:sig(a@x)),
("‖x‖","x",lambda x:jnp.linalg.norm(x)),
("‖x‖²","x",lambda x:x@x),
("‖x‖^3","x",lambda x:jnp.linalg.norm(x)**3),
("‖x − a‖","x a",lambda x,a:jnp.linalg.norm(x-a)),
("1/‖x‖","x",lambda x:1/jnp.linalg.norm(x)),
("ln ‖x‖","x",lambda x:jnp.log(jnp.linalg.norm(x))),
("(a^T x)/‖x‖","x a",lambda x,a:a@x/jnp.linalg.norm(x)),
("(x^T A x)/(x^T x)","x A",lambda x,A:(x@A@x)/(x@x)),
("tr(A)","A",lambda A:jnp.trace(A)),
("tr(A B)","A B",lambda A,B:jnp.trace(A@B)),
("tr(A^T B)","A B",lambda A,B:jnp.trace(A.T@B)),
("tr(A B A)","A B",lambda A,B:jnp.trace(A@B@A)),
("tr(A^T B A)","A B",lambda A,B:jnp.trace(A.T@B@A)),
("tr(A^2)","A",lambda A:jnp.trace(A@A)),
("tr(A^3)","A",lambda A:jnp.trace(A@A@A)),
("tr(X^T X)","X",lambda X:jnp.trace(X.T@X)),
("tr(X A X^T)","X A",lambda X,A:jnp.trace(X@A@X.T)),
("tr(X^T C X)","X C",lambda X,C:jnp.trace(X.T@C@X)),
("tr(A^(-1) B)","A B",lambda A,B:jnp.trace(jnp.linalg.inv(A)@B)),
("tr(A^(-1))","A",lambda A:jnp.trace(jnp.linalg.inv(A))),
("a^T A^(-1) b","A a b",lambda a,A,b:a@jnp.linalg.inv(A)@b),
("x^T A^{-1} x","x A",lambda x,A:x@jnp.linalg.inv(A)@x),
("det(A)","A",lambda A:jnp.linalg.det(A)),
("log(det(A^T A))","A",lambda A:jnp.log(jnp.linalg.det(A.T@A))),
("det(A)^2","A",lambda A:jnp.linalg.det(A)**2),
("1/det(A)","A",lambda A:1/jnp.linalg.det(A)),
("ln|det(A)|","A",lambda A:jnp.log(jnp.abs(jnp.linalg.det(A)))),
("det(X^T X)","X",lambda X:jnp.linalg.det(X.T@X)),
("‖X‖","X",lambda X:jnp.linalg.norm(X)),
("‖X‖²","X",lambda X:jnp.sum(X**2)),
("‖X‖_F^2","X",lambda X:jnp.sum(X**2)),
("‖X − M‖²","X M",lambda X,M:jnp.sum((X-M)**2)),
("½ ‖X − U V M‖²","X U V M",lambda X,U,V,M:jnp.sum((X-U@V@M)**2)/2),
("‖A x − b‖² + λ ‖x‖²","x A b λ",lambda A,x,b,λ:jnp.sum((A@x-b)**2)+λ*x@x),
("sum(X w)","X w",lambda X,w:jnp.sum(X@w)),
("mean((X w − y)^2)","X w y",lambda X,w,y:jnp.mean((X@w-y)**2)),
("sum(σ(X w))","X w",lambda X,w:jnp.sum(sig(X@w))),
("sum(tanh(W x))","W x",lambda W,x:jnp.sum(jnp.tanh(W@x))),
("sum(exp(x))","x",lambda x:jnp.sum(jnp.exp(x))),
("ln(sum(exp(x)))","x",lambda x:jnp.log(jnp.sum(jnp.exp(x)))),
("logsumexp(x)","x",lambda x:jax.scipy.special.logsumexp(x)),
("logsumexp(X w)","X w",lambda X,w:jax.scipy.special.logsumexp(X@w)),
("a^T softmax(x)","x a",lambda a,x:a@jax.nn.softmax(x)),
("−a^T ln(softmax(x))","x a",lambda a,x:-a@jnp.log(jax.nn.softmax(x))),
("−y^T log_softmax(W x)","W x y",lambda y,W,x:-y@jax.nn.log_softmax(W@x)),
("−y^T ln(σ(X w)) − (1 − y)^T ln(1 − σ(X w))","w X y",lambda y,X,w:-y@jnp.log(sig(X@w))-(1-y)@jnp.log(1-sig(X@w))),
("½ ‖y − σ(W x)‖²","W x y",lambda y,W,x:jnp.sum((y-sig(W@x))**2)/2),
("½ ‖y − tanh(W x + c)‖²","W x y c",lambda y,W,x,c:jnp.sum((y-jnp.tanh(W@x+c))**2)/2),
("½ ‖v − V σ(W x + c)‖²","V W x c v",lambda v,V,W,x,c:jnp.sum((v-V@sig(W@x+c))**2)/2),
("½ ‖v − σ(V tanh(W x + c) + t)‖²","V W x c v t",lambda v,V,W,x,c,t:jnp.sum((v-sig(V@jnp.tanh(W@x+c)+t))**2)/2),
("‖relu(W x + c) − y‖²","W x c y",lambda W,x,c,y:jnp.sum((jax.nn.relu(W@x+c)-y)**2)),
("sum((X w) ⊙ y)","X w y",lambda X,w,y:jnp.sum((X@w)*y)),
("x^T (a ⊙ b)","x a b",lambda x,a,b:jnp.sum(x*a*b)),
("‖a ⊙ x − b‖²","x a b",lambda a,x,b:jnp.sum((a*x-b)**2)),
("‖X ⊙ M‖²","X M",lambda X,M:jnp.sum((X*M)**2)),
("a^T diag(x) b","x a b",lambda a,x,b:a@(x*b)),
("x^T diag(a) x","x a",lambda x,a:jnp.sum(a*x*x)),
("tr(diag(x) A)","x A",lambda x,A:jnp.trace(jnp.diag(x)@A)),
("‖x x^T − A‖²","x A",lambda x,A:jnp.sum((jnp.outer(x,x)-A)**2)),
("‖A − λ x a^T‖²","x a λ A",lambda A,λ,x,a:jnp.sum((A-λ*jnp.outer(x,a))**2)),
("c^T X a b^T x","X x a b c",lambda c,X,a,b,x:(c@X@a)*(b@x)),
("y^T X X^T y","X y",lambda y,X:y@X@X.T@y),
("w^T X^T X w","X w",lambda w,X:w@X.T@X@w),
("(y − X w)^T C (y − X w)","w X y C",lambda y,X,w,C:(y-X@w)@C@(y-X@w)),
("½ x^T A x − b^T x","x A b",lambda x,A,b:x@A@x/2-b@x),
("exp(−½ ‖x − a‖²)","x a",lambda x,a:jnp.exp(-jnp.sum((x-a)**2)/2)),
("exp(−½ (x − a)^T A^(-1) (x − a))","x a A",lambda x,a,A:jnp.exp(-(x-a)@jnp.linalg.inv(A)@(x-a)/2)),
("sum(ln(1 + exp(−y ⊙ (X w))))","X w",lambda y,X,w:jnp.sum(jnp.log(1+jnp.exp(-y*(X@w))))),
("sum(max(0, 1 − y ⊙ (X w)))","X w",lambda y,X,w:jnp.sum(jnp.maximum(0,1-y*(X@w)))),
("sum(|X w − y|)","w",lambda X,w,y:jnp.sum(jnp.abs(X@w-y))),
("sum(sin(x))","x",lambda x:jnp.sum(jnp.sin(x))),
("sum(x^3)","x",lambda x:jnp.sum(x**3)),
("sum(ln(x^2 + 1))","x",lambda x:jnp.sum(jnp.log(x**2+1))),
("prod(x)","x",lambda x:jnp.prod(x)),
("max(x)","x",lambda x:jnp.max(x)),
("var(x)","x",lambda x:jnp.var(x)),
("mean(x)","x",lambda x:jnp.mean(x)),
("norm(X^T y)","X y",lambda X,y:jnp.linalg.norm(X.T@y)),
("‖A^T A − B‖²","A B",lambda A,B:jnp.sum((A.T@A-B)**2)),
("tr((A − B)^T (A − B))","A B",lambda A,B:jnp.sum((A-B)**2)),
("tr(A B) tr(A)","A B",lambda A,B:jnp.trace(A@B)*jnp.trace(A)),
("tr(A)^2","A",lambda A:jnp.trace(A)**2),
("ln(tr(A^T A))","A",lambda A:jnp.log(jnp.trace(A.T@A))),
("det(A B)","A B",lambda A,B:jnp.linalg.det(A@B)),
("det(A^(-1))","A",lambda A:jnp.linalg.det(jnp.linalg.inv(A))),
("a^T (A + λ B)^(-1) b","A B λ a",lambda a,A,λ,B,b:a@jnp.linalg.inv(A+λ*B)@b),
("a^T (A^T A)^(-1) A^T b","A a b",lambda a,A,b:a@jnp.linalg.inv(A.T@A)@A.T@b),
("tr(A^(-1) B A^(-1))","A B",lambda A,B:jnp.trace(jnp.linalg.inv(A)@B@jnp.linalg.inv(A))),
("x^T x + a^T x + λ","x a λ",lambda x,a,λ:x@x+a@x+λ),
("λ x^T x","λ x",lambda λ,x:λ*x@x),
("sum(σ(x) ⊙ (1 − σ(x)))","x",lambda x:jnp.sum(sig(x)*(1-sig(x)))),
("‖σ(W x) ⊙ tanh(W x)‖²","W x",lambda W,x:jnp.sum((sig(W@x)*jnp.tanh(W@x))**2)),
("‖x‖² ‖a‖²","x a",lambda x,a:(x@x)*(a@a)),
("\\frac{1}{2}\\|Xw-y\\|^2","w X",lambda X,w,y:jnp.sum((X@w-y)**2)/2),
("\\frac12 \\lVert X w - y \\rVert_2^2 + \\frac{\\lambda}{2}\\lVert w \\rVert_2^2","w λ",lambda X,w,y,λ:jnp.sum((X@w-y)**2)/2+λ/2*w@w),
("\\mathbf{x}^\\top \\mathbf{A} \\mathbf{x}","x A",lambda x,A:x@A@x),
("\\operatorname{tr}(\\mathbf{A}^\\top \\mathbf{B})","A B",lambda A,B:jnp.trace(A.T@B)),
("z = W x + c; a_1 = σ(z); ½ ‖y − a_1‖²","W x c y",lambda W,x,c,y:jnp.sum((y-sig(W@x+c))**2)/2),
("‖(X w − y) ⊙ c‖²","w X c",lambda X,w,y,c:jnp.sum(((X@w-y)*c)**2)),
("sum(softplus(X w) − y ⊙ (X w))","w X",lambda X,w,y:jnp.sum(jax.nn.softplus(X@w)-y*(X@w))),
("mse(X w, y)","w X y",lambda X,w,y:jnp.mean((X@w-y)**2)),
("sum(gelu(W x))","W x",lambda W,x:jnp.sum(jax.nn.gelu(W@x,approximate=False))),
("sum(silu(W x))","W x",lambda W,x:jnp.sum(jax.nn.silu(W@x))),
("‖W^T y‖²","W y",lambda W,y:jnp.sum((W.T@y)**2)),
("x^T W^T W x","W x",lambda x,W:x@W.T@W@x),
("‖V W x‖²","V W x",lambda V,W,x:jnp.sum((V@W@x)**2)),
("sum(V σ(W))","V W",lambda V,W:jnp.sum(V@sig(W))),
("y^T relu(X w)","X w y",lambda y,X,w:y@jax.nn.relu(X@w)),
("‖x‖ / (1 + ‖x‖)","x",lambda x:jnp.linalg.norm(x)/(1+jnp.linalg.norm(x))),
("ln(1 + x^T A x)","x A",lambda x,A:jnp.log(1+x@A@x)),
("√(x^T x + 1)","x",lambda x:jnp.sqrt(x@x+1)),
("a^T x/(‖a‖ ‖x‖)","a x",lambda a,x:a@x/(jnp.linalg.norm(a)*jnp.linalg.norm(x))),
("(x^T A x)^2","x A",lambda x,A:(x@A@x)**2),
("exp(tr(A))","A",lambda A:jnp.exp(jnp.trace(A))),
("σ(x)^T a","x a",lambda x,a:sig(x)@a),
("1/(1 + exp(−a^T x))","x a",lambda x,a:1/(1+jnp.exp(-a@x))),
]

rows = []
for expression, variables, f in ROWS:
    given = {name: values[name] for name in inspect.signature(f).parameters}
    gradients = {
        by: np.asarray(jax.grad(lambda u: f(**{**given, by: u}))(jnp.asarray(given[by]))).tolist()
        for by in variables.split()
    }
    rows.append([expression, float(f(**given)), gradients])
out = Path(__file__).parent.parent / "packages/gradus/test/reference/jax-matrix.json"
lines = ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in rows)
numbers = json.dumps({name: value.tolist() for name, value in values.items()}, ensure_ascii=False)
out.write_text(f'{{\n  "values": {numbers},\n  "rows": [\n{lines}\n  ]\n}}\n')
