import { MathError } from "../expression/errors.ts";
import { exactValueOf } from "../expression/normal-form.ts";
import { nameOf } from "../expression/print.ts";
import { freeInputs, rewrite, topologicalOrder } from "../ir/graph.ts";
import { exactConstant, exactValue, type Node } from "../ir/node.ts";
import type { Interval, Primitive } from "../ir/primitive.ts";
import { expandFormulas } from "../transforms/expand.ts";
import { encloseRational } from "./ball.ts";
import { DomainError, encloser, operandsThatCount } from "./enclosures.ts";
import type { Counterexample } from "./equal.ts";
import * as iv from "./interval.ts";
import { floatsAt, type Point, samplePoints, withKnownFunctions } from "./samples.ts";

/** Relative distance of two floats that is worth a rigorous look. */
const SUSPICIOUS = 1e-9;
const MOST_LOOKS = 8;
const MOST_MEETINGS = 6;

/** What sampling shows of two scalar functions. */
export interface Comparison {
  /** How many points were found so far where both have a value, and their enclosures meet. */
  readonly agreeing: number;
  /** A counterexample among the points where floats differ. */
  refute(): Counterexample | undefined;
  /** As `refute`, at every point, and in exact arithmetic where that is possible. */
  refuteThoroughly(): Counterexample | undefined;
  /** Whether there is a point where both have a value. */
  meet(): boolean;
  /**
   * A point with a power of a number that is not positive and an exponent that varies, where floats differ. Proofs take
   * such a power as e^(p ln x), for x > 0: where evaluation goes further, they do not reach.
   */
  doubt(): string | undefined;
  /** Points where only one of the two has a value. */
  domains(): string[];
}

/** Compares at rational points; where `domain` has no value or a kink, nothing is compared. */
export function compareAtPoints(left: Node, right: Node, domain?: Node): Comparison {
  return new Sampling(left, right, domain);
}

type Value = Interval | "undefined" | "unknown";
type Box = ReadonlyMap<Node, Interval>;
type At = (box: Box) => Value;

class Sampling implements Comparison {
  private readonly roots: readonly Node[];
  private readonly left: At;
  private readonly right: At;
  private readonly isSmoothAt: (box: Box) => boolean;
  private readonly points: readonly Point[];
  private readonly floats: readonly Float64Array[];
  private readonly functions: readonly string[];
  private readonly outside: readonly boolean[];
  private readonly seen = new Map<Point, Counterexample | "agree" | "apart" | "unknown">();

  constructor(left: Node, right: Node, domain: Node | undefined) {
    const known = withKnownFunctions(expandFormulas([left, right, ...(domain ? [domain] : [])]));
    this.roots = known.roots;
    const [first, second, third] = known.roots;
    this.left = enclosed(first);
    this.right = enclosed(second);
    this.isSmoothAt = third ? smoothness(third) : () => true;
    this.functions = [...known.functions.values()];
    const all = samplePoints(freeInputs(known.roots), known.roots);
    // A power with a varying exponent is e^(p ln x), x > 0; of negative x it is looked at in whole numbers only.
    const bases = varyingPowers(known.roots);
    const values = floatsAt([...known.roots, ...bases], all);
    const isOutside = (i: number): boolean => values.slice(known.roots.length).some((base) => base[i] <= 0);
    const kept = all.map((_, i) => i).filter((i) => isWholePoint(all[i]) || !isOutside(i));
    this.outside = kept.map(isOutside);
    this.points = kept.map((i) => all[i]);
    this.floats = values.slice(0, known.roots.length).map((list) => Float64Array.from(kept, (i) => list[i]));
  }

  get agreeing(): number {
    return [...this.seen.values()].filter((v) => v === "agree").length;
  }

  refute(): Counterexample | undefined {
    const [l, r] = this.floats;
    const suspects = this.points.filter((_, i) => this.isCommon(i) && isApart(l[i], r[i], SUSPICIOUS));
    // A clear difference first: a faint one may be rounding.
    const clear = new Set(this.points.filter((_, i) => isApart(l[i], r[i], 1e-3)));
    const ordered = [...suspects.filter((p) => clear.has(p)), ...suspects.filter((p) => !clear.has(p))];
    return this.firstRefuted(ordered.slice(0, MOST_LOOKS));
  }

  refuteThoroughly(): Counterexample | undefined {
    return this.firstRefuted(this.points) ?? this.refutedExactly();
  }

  private firstRefuted(points: readonly Point[]): Counterexample | undefined {
    for (const p of points) {
      const result = this.look(p);
      if (typeof result === "object") return result;
    }
    return undefined;
  }

  meet(): boolean {
    const common = this.points.filter((_, i) => this.isCommon(i)).slice(0, MOST_MEETINGS);
    return common.some((p) => this.look(p) === "agree") || this.points.some((p) => this.look(p) === "agree");
  }

  doubt(): string | undefined {
    const [l, r] = this.floats;
    const at = this.points.find(
      (_, i) => this.outside[i] && this.isCommon(i) && isApart(l[i], r[i], SUSPICIOUS),
    );
    return at && shownPoint(at);
  }

  private isCommon(i: number): boolean {
    return this.floats.every((list) => Number.isFinite(list[i]));
  }

  private look(point: Point): Counterexample | "agree" | "apart" | "unknown" {
    let result = this.seen.get(point);
    if (!result) this.seen.set(point, (result = this.compared(point)));
    return result;
  }

  private compared(point: Point): Counterexample | "agree" | "apart" | "unknown" {
    const box = new Map([...point].map(([node, r]) => [node, encloseRational(r)]));
    const [l, r] = [this.left(box), this.right(box)];
    if (l === "unknown" || r === "unknown") return "unknown";
    if (l === "undefined" || r === "undefined") return l === r ? "unknown" : "apart";
    if (!this.isSmoothAt(box)) return "unknown";
    if (l.hi < r.lo || r.hi < l.lo) return this.counterexample(point, l, r);
    return "agree";
  }

  private counterexample(point: Point, left: Interval, right: Interval): Counterexample {
    const at = new Map([...point].map(([node, r]) => [nameOf(node), r]));
    return { at, left, right, ...(this.functions.length > 0 ? { functions: this.functions } : {}) };
  }

  /** Of rational functions the values themselves, however close. */
  private refutedExactly(): Counterexample | undefined {
    for (const point of this.points.slice(0, MOST_LOOKS)) {
      if (this.seen.get(point) !== "agree") continue;
      const places = new Map([...point].map(([node, r]) => [node, exactConstant(r)]));
      const [l, r] = rewrite(this.roots.slice(0, 2), places).map(exactValueOf);
      if (!l || !r) return undefined;
      if (!l.equals(r)) return this.counterexample(point, encloseRational(l), encloseRational(r));
    }
    return undefined;
  }

  domains(): string[] {
    const [l, r] = this.floats;
    const only = (own: Float64Array, other: Float64Array): Point[] => {
      const found: Point[] = [];
      for (const [i, p] of this.points.entries()) {
        if (found.length > MOST_SHOWN) break;
        if (Number.isFinite(own[i]) && !Number.isFinite(other[i]) && this.look(p) === "apart") found.push(p);
      }
      return found;
    };
    return [...listed("first", only(l, r)), ...listed("second", only(r, l))];
  }
}

const MOST_SHOWN = 3;

const shownPoint = (at: Point): string => [...at].map(([n, v]) => `${nameOf(n)} = ${v}`).join(", ");

function listed(side: "first" | "second", points: readonly Point[]): string[] {
  if (points.length === 0) return [];
  const shown = points.slice(0, MOST_SHOWN).map(shownPoint);
  const more = points.length > MOST_SHOWN ? "; and elsewhere" : "";
  return [`only the ${side} is defined at ${shown.join("; ")}${more}`];
}

const isApart = (l: number, r: number, distance: number): boolean =>
  Math.abs(l - r) > distance * (Math.abs(l) + Math.abs(r));

const isWholePoint = (p: Point): boolean => [...p.values()].every((r) => r.isInteger);

function varyingPowers(roots: readonly Node[]): Node[] {
  return topologicalOrder(roots)
    .filter((n) => n.primitive.name === "pow" && !exactValue(n.inputs[1]))
    .map((n) => n.inputs[0]);
}

/** The value at a point as an interval; "undefined" where there is none, "unknown" where no enclosure is known. */
function enclosed(node: Node): At {
  let at: (box: Box) => Interval;
  try {
    at = encloser(node);
  } catch (error) {
    if (!(error instanceof MathError)) throw error;
    return () => "unknown";
  }
  return (box) => {
    try {
      const value = at(box);
      return Number.isNaN(value.lo) || Number.isNaN(value.hi) ? "unknown" : value;
    } catch (error) {
      if (error instanceof DomainError) {
        // A float may only be near the rational: what is not defined around it may be so at it.
        return [...box.values()].every((i) => i.lo === i.hi) ? "undefined" : "unknown";
      }
      if (error instanceof MathError) return "unknown";
      throw error;
    }
  };
}

/** Whether a function has a value at a point, and every step that counts for it is smooth there. */
function smoothness(root: Node): (box: Box) => boolean {
  const at = new Map(topologicalOrder([root]).map((n) => [n, enclosed(n)]));
  return (box) => {
    const counted = new Set([root]);
    // A set is walked in the order in which it grows.
    for (const n of counted) {
      const x = n.inputs.map((i) => (at.get(i) as At)(box));
      const own = operandsThatCount(
        n,
        x.map((v) => (typeof v === "string" ? iv.WHOLE : v)),
      );
      if (typeof (at.get(n) as At)(box) === "string" || own.some((i) => typeof x[i] === "string"))
        return false;
      if (!isSmooth(n.primitive, x as Interval[], n.params)) return false;
      for (const i of own) counted.add(n.inputs[i]);
    }
    return true;
  };
}

function isSmooth(primitive: Primitive, x: readonly Interval[], params: unknown): boolean {
  if (primitive.family === "elementwise") return primitive.analyticOn(x, params);
  return primitive.family !== "flat" || primitive.constantOn(x, params);
}
