/*
 * Pairs of expressions for the judge of equality: equal ones are one expression rewritten by identities, different ones
 * have one constant, sign or exponent changed. A pair is a number away from the next: the same seed, the same pair.
 */

type Tree =
  | { readonly kind: "number"; readonly n: number; readonly d: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Tree[] }
  | {
      readonly kind: "infix";
      readonly op: "+" | "-" | "*" | "/" | "^";
      readonly args: readonly [Tree, Tree];
    };

export interface Pair {
  readonly left: string;
  readonly right: string;
}

/** Mulberry32: a small generator of uniform numbers, good enough to choose with. */
function randomness(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

class Choice {
  private readonly random: () => number;
  constructor(seed: number) {
    this.random = randomness(seed);
  }
  below(n: number): number {
    return Math.floor(this.random() * n);
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}

const num = (n: number, d = 1): Tree => ({ kind: "number", n, d });
const call = (name: string, ...args: Tree[]): Tree => ({ kind: "call", name, args });
const infix = (op: "+" | "-" | "*" | "/" | "^", a: Tree, b: Tree): Tree => ({
  kind: "infix",
  op,
  args: [a, b],
});
const plus = (a: Tree, b: Tree) => infix("+", a, b);
const minus = (a: Tree, b: Tree) => infix("-", a, b);
const times = (a: Tree, b: Tree) => infix("*", a, b);
const over = (a: Tree, b: Tree) => infix("/", a, b);
const power = (a: Tree, b: Tree) => infix("^", a, b);
const squared = (a: Tree) => power(a, num(2));

function text(t: Tree): string {
  switch (t.kind) {
    case "number":
      return t.d === 1 ? (t.n < 0 ? `(${t.n})` : `${t.n}`) : `(${t.n}/${t.d})`;
    case "name":
      return t.name;
    case "call":
      return `${t.name}(${t.args.map(text).join(", ")})`;
    case "infix":
      return `(${text(t.args[0])} ${t.op} ${text(t.args[1])})`;
  }
}

const NAMES: readonly Tree[] = ["x", "y"].map((name) => ({ kind: "name", name }));
const UNARY = [
  "sin",
  "cos",
  "tan",
  "exp",
  "ln",
  "sqrt",
  "tanh",
  "sigmoid",
  "sinh",
  "cosh",
  "softplus",
  "abs",
  "relu",
  "atan",
];

function tree(choice: Choice, depth: number, names: readonly Tree[]): Tree {
  if (depth === 0 || choice.below(12) === 0)
    return choice.below(3) > 0 ? choice.of(names) : num(1 + choice.below(5), choice.below(4) === 0 ? 2 : 1);
  const sub = () => tree(choice, depth - 1, names);
  switch (choice.below(9)) {
    case 0:
    case 1:
      return plus(sub(), sub());
    case 2:
      return minus(sub(), sub());
    case 3:
    case 4:
      return times(sub(), sub());
    case 5:
      return over(sub(), sub());
    case 6:
      return power(sub(), choice.of([num(2), num(3), num(-1), num(1, 2)]));
    default:
      return call(choice.of(UNARY), sub());
  }
}

type Rewrite = (t: Tree, other: () => Tree) => Tree | undefined;
const isCall = (t: Tree, name: string): t is Tree & { kind: "call" } => t.kind === "call" && t.name === name;
const isInfix = (t: Tree, op: string): t is Tree & { kind: "infix" } => t.kind === "infix" && t.op === op;
const ofCall =
  (name: string, f: (u: Tree) => Tree): Rewrite =>
  (t) =>
    isCall(t, name) ? f(t.args[0]) : undefined;
const ofInfix =
  (op: string, f: (a: Tree, b: Tree) => Tree): Rewrite =>
  (t) =>
    isInfix(t, op) ? f(t.args[0], t.args[1]) : undefined;
const negative = (u: Tree) => minus(num(0), u);

/** Identities of real functions: true wherever both sides are defined. */
const IDENTITIES: readonly Rewrite[] = [
  ofInfix("+", (a, b) => plus(b, a)),
  ofInfix("*", (a, b) => times(b, a)),
  ofInfix("-", (a, b) => plus(a, negative(b))),
  ofInfix("-", (a, b) => negative(minus(b, a))),
  ofInfix("/", (a, b) => times(a, power(b, num(-1)))),
  ofInfix("/", (a, b) => over(num(1), over(b, a))),
  (t) =>
    isInfix(t, "*") && isInfix(t.args[1], "+")
      ? plus(times(t.args[0], t.args[1].args[0]), times(t.args[0], t.args[1].args[1]))
      : undefined,
  (t) =>
    isInfix(t, "/") && isInfix(t.args[0], "+")
      ? plus(over(t.args[0].args[0], t.args[1]), over(t.args[0].args[1], t.args[1]))
      : undefined,
  (t) =>
    isInfix(t, "^") && t.args[1].kind === "number" && t.args[1].n === 2 && t.args[1].d === 1
      ? times(t.args[0], t.args[0])
      : undefined,
  (t) =>
    isInfix(t, "^") && t.args[1].kind === "number" && t.args[1].d === 2 && t.args[1].n === 1
      ? call("sqrt", t.args[0])
      : undefined,
  (t) => (isInfix(t, "*") && text(t.args[0]) === text(t.args[1]) ? squared(t.args[0]) : undefined),
  ofCall("sin", (u) => times(num(2), times(call("sin", over(u, num(2))), call("cos", over(u, num(2)))))),
  ofCall("sin", (u) => negative(call("sin", negative(u)))),
  ofCall("sin", (u) => call("cos", minus(over({ kind: "name", name: "pi" }, num(2)), u))),
  ofCall("cos", (u) => minus(num(1), times(num(2), squared(call("sin", over(u, num(2))))))),
  ofCall("cos", (u) => call("cos", negative(u))),
  ofCall("cos", (u) => over(num(1), call("sec", u))),
  ofCall("tan", (u) => over(call("sin", u), call("cos", u))),
  ofCall("tan", (u) => over(call("sin", times(num(2), u)), plus(num(1), call("cos", times(num(2), u))))),
  ofCall("exp", (u) => over(num(1), call("exp", negative(u)))),
  ofCall("exp", (u) => squared(call("exp", over(u, num(2))))),
  ofCall("exp", (u) => plus(call("sinh", u), call("cosh", u))),
  (t) =>
    isCall(t, "exp") && isInfix(t.args[0], "+")
      ? times(call("exp", t.args[0].args[0]), call("exp", t.args[0].args[1]))
      : undefined,
  (t) =>
    isCall(t, "sin") && isInfix(t.args[0], "+")
      ? plus(
          times(call("sin", t.args[0].args[0]), call("cos", t.args[0].args[1])),
          times(call("cos", t.args[0].args[0]), call("sin", t.args[0].args[1])),
        )
      : undefined,
  (t) =>
    isCall(t, "ln") && isInfix(t.args[0], "*")
      ? plus(call("ln", call("abs", t.args[0].args[0])), call("ln", call("abs", t.args[0].args[1])))
      : undefined,
  (t) =>
    isCall(t, "ln") && isInfix(t.args[0], "/")
      ? minus(call("ln", call("abs", t.args[0].args[0])), call("ln", call("abs", t.args[0].args[1])))
      : undefined,
  ofCall("ln", (u) => over(call("ln", squared(u)), num(2))),
  ofCall("ln", (u) => negative(call("ln", over(num(1), u)))),
  ofCall("ln", (u) => minus(call("ln", times(num(3), u)), call("ln", num(3)))),
  ofCall("sqrt", (u) => power(u, num(1, 2))),
  ofCall("sqrt", (u) => over(call("sqrt", times(num(2), u)), call("sqrt", num(2)))),
  ofCall("sqrt", (u) => power(squared(u), num(1, 4))),
  ofCall("tanh", (u) => over(call("sinh", u), call("cosh", u))),
  ofCall("tanh", (u) => minus(times(num(2), call("sigmoid", times(num(2), u))), num(1))),
  ofCall("sigmoid", (u) => over(num(1), plus(num(1), call("exp", negative(u))))),
  ofCall("sigmoid", (u) => minus(num(1), call("sigmoid", negative(u)))),
  ofCall("sinh", (u) => over(minus(call("exp", u), call("exp", negative(u))), num(2))),
  ofCall("cosh", (u) => call("sqrt", plus(num(1), squared(call("sinh", u))))),
  ofCall("softplus", (u) => call("ln", plus(num(1), call("exp", u)))),
  ofCall("softplus", (u) => plus(u, call("softplus", negative(u)))),
  ofCall("abs", (u) => call("sqrt", squared(u))),
  ofCall("abs", (u) => call("max", u, negative(u))),
  ofCall("relu", (u) => over(plus(u, call("abs", u)), num(2))),
  ofCall("relu", (u) => plus(u, call("relu", negative(u)))),
  ofCall("atan", (u) => negative(call("atan", negative(u)))),
  (t, other) => {
    const u = other();
    return minus(plus(t, u), u);
  },
  (t, other) => {
    const u = other();
    return over(times(t, u), u);
  },
  (t, other) => {
    const u = other();
    return times(t, plus(squared(call("sin", u)), squared(call("cos", u))));
  },
  (t) => call("ln", call("exp", t)),
  (t) => over(times(num(6), t), num(6)),
];

/** Places in a tree, counted from the root. */
function sizeOf(t: Tree): number {
  return t.kind === "number" || t.kind === "name" ? 1 : 1 + t.args.reduce((sum, a) => sum + sizeOf(a), 0);
}

/** The tree with the place-th subtree replaced by what `change` makes of it; undefined where it makes nothing. */
function changed(t: Tree, place: number, change: (t: Tree) => Tree | undefined): Tree | undefined {
  if (place === 0) return change(t);
  if (t.kind === "number" || t.kind === "name") return undefined;
  let rest = place - 1;
  for (let i = 0; i < t.args.length; i++) {
    const size = sizeOf(t.args[i]);
    if (rest < size) {
      const inner = changed(t.args[i], rest, change);
      return inner && ({ ...t, args: t.args.map((a, k) => (k === i ? inner : a)) } as Tree);
    }
    rest -= size;
  }
  return undefined;
}

function rewritten(t: Tree, choice: Choice, names: readonly Tree[], times: number): Tree {
  let result = t;
  for (let done = 0, tried = 0; done < times && tried < 60; tried++) {
    const identity = choice.of(IDENTITIES);
    const one = tree(choice, 1, names);
    const next = changed(result, choice.below(sizeOf(result)), (u) => identity(u, () => one));
    if (!next || sizeOf(next) > 90) continue;
    result = next;
    done++;
  }
  return result;
}

/** A constant, sign or exponent changed in one place. */
function slipped(t: Tree, choice: Choice): Tree {
  for (let tried = 0; tried < 200; tried++) {
    const next = changed(t, choice.below(sizeOf(t)), (u) => {
      if (u.kind === "number") return num(u.n + choice.of([1, -1, 2]), u.d);
      if (isInfix(u, "+")) return minus(u.args[0], u.args[1]);
      if (isInfix(u, "-")) return plus(u.args[0], u.args[1]);
      return choice.below(4) === 0 ? negative(u) : undefined;
    });
    if (next) return next;
  }
  return plus(t, num(1));
}

/** An independent value in floats, by JavaScript's own functions; NaN where there is none. */
function floatOf(t: Tree, x: number, y: number): number {
  if (t.kind === "number") return t.n / t.d;
  if (t.kind === "name") return t.name === "pi" ? Math.PI : t.name === "x" ? x : y;
  const [a, b] = t.args.map((u) => floatOf(u, x, y));
  if (t.kind === "infix") {
    if (t.op === "+") return a + b;
    if (t.op === "-") return a - b;
    if (t.op === "*") return a * b;
    if (t.op === "/") return b === 0 ? Number.NaN : a / b;
    return a === 0 && b < 0 ? Number.NaN : a ** b;
  }
  const named: Record<string, () => number> = {
    ln: () => (a > 0 ? Math.log(a) : Number.NaN),
    sec: () => 1 / Math.cos(a),
    sigmoid: () => 1 / (1 + Math.exp(-a)),
    softplus: () => Math.log1p(Math.exp(a)),
    relu: () => (a > 0 ? a : 0 * a),
    max: () => Math.max(a, b),
  };
  const value = named[t.name] ?? (() => (Math[t.name as "sin"] as (x: number) => number)(a));
  return value();
}

const POINTS = [0.7, -1.3, 2.1, 0.3, -0.4, 1.6, -2.7, 4.9, 7.3, -5.1].map((x, i, all) => [
  x,
  all[(3 * i + 4) % all.length],
]);

/** Values of both sides where both have one that floats can hold well. */
function valuesOf(left: Tree, right: Tree): [number, number][] {
  return POINTS.map(([x, y]): [number, number] => [floatOf(left, x, y), floatOf(right, x, y)]).filter(
    ([l, r]) => Number.isFinite(l) && Number.isFinite(r) && Math.abs(l) < 1e12,
  );
}

const far = ([l, r]: [number, number]): boolean => Math.abs(l - r) > 1e-5 * (1 + Math.abs(l) + Math.abs(r));

/** Seeds from `seed` on, until a pair is found that has values somewhere. */
function firstPair(
  seed: number,
  make: (choice: Choice) => [Tree, Tree],
  fits: (values: [number, number][]) => boolean,
): Pair {
  for (let k = 0; ; k++) {
    const [left, right] = make(new Choice(seed * 1009 + k));
    if (fits(valuesOf(left, right))) return { left: text(left), right: text(right) };
  }
}

function start(choice: Choice): { readonly left: Tree; readonly names: readonly Tree[] } {
  const names = choice.below(2) === 0 ? NAMES : NAMES.slice(0, 1);
  return { left: tree(choice, 2 + choice.below(3), names), names };
}

/** An expression, and the same one rewritten by one to four identities; both have a value at some point. */
export function equalPair(seed: number): Pair {
  return firstPair(
    seed,
    (choice) => {
      const { left, names } = start(choice);
      return [left, rewritten(left, choice, names, 1 + choice.below(4))];
    },
    (values) => values.length > 0,
  );
}

/** As an equal pair, then a constant, sign or exponent changed in one place; the values show that it matters. */
export function differentPair(seed: number): Pair {
  return firstPair(
    seed,
    (choice) => {
      const { left, names } = start(choice);
      return [left, slipped(rewritten(left, choice, names, choice.below(3)), choice)];
    },
    (values) => values.some(far),
  );
}

/** As `differentPair`, but whether the change matters is not asked: most are different, some are equal. */
export function changedPair(seed: number): Pair {
  return firstPair(
    seed,
    (choice) => {
      const { left, names } = start(choice);
      return [left, slipped(rewritten(left, choice, names, choice.below(3)), choice)];
    },
    (values) => values.length > 0,
  );
}
