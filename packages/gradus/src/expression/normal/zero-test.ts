import { expandFormulas } from "../../transforms/expand.ts";
import type { Node } from "../../ir/node.ts";
import type { Condition } from "./conditions.ts";
import { Field, type Quotient } from "./field.ts";
import { Functions } from "./functions.ts";
import { normalise } from "./normalise.ts";
import { Budget, exponentIn, exponentRanges, type Polynomial, term, UNIT, WorkBudgetError } from "./polynomial.ts";
import { Facts, NEGATIVE, NOTHING, POSITIVE, type Signs } from "./signs.ts";

export interface ZeroTestOptions {
  /** Products of terms that one attempt may take. */
  readonly budget?: number;
  /** Further graphs whose domain may be taken for granted, as that of f for its derivative. */
  readonly domain?: readonly Node[];
}

/** One case of a proof: the signs that it assumes, as text. */
export interface ProofCase {
  readonly assumptions: readonly string[];
  /** "vacuous": no point of the common domain is in this case. */
  readonly result: "zero" | "vacuous";
}

export interface ZeroTest {
  /** Whether a − b is 0 at every point where both (and the given domain) have a value. false: not shown. */
  readonly proved: boolean;
  readonly cases: readonly ProofCase[];
  readonly reason?: "no normal form" | "budget";
  readonly conditions: readonly (readonly Condition[])[];
}

const BUDGET = 300_000;
const MOST_CASES = 40;
const DEEPEST = 6;
const MOST_ATTEMPTS = 4;

interface Assumption {
  readonly polynomial: Polynomial;
  readonly signs: Signs;
}

/** Tests whether two scalar graphs are equal wherever both are defined, by normal forms and by cases of signs. */
export function zeroTest(a: Node, b: Node, options: ZeroTestOptions = {}): ZeroTest {
  return new Prover(a, b, options).run();
}

class Prover {
  private readonly roots: readonly Node[];
  private readonly field: Field;
  private readonly functions: Functions;
  private readonly cases: ProofCase[] = [];
  private conditions: readonly Condition[] = [];

  constructor(a: Node, b: Node, options: ZeroTestOptions) {
    this.roots = expandFormulas([a, b, ...(options.domain ?? [])]);
    this.field = new Field(new Budget(options.budget ?? BUDGET));
    this.functions = new Functions(this.field, new Facts(this.field));
  }

  run(): ZeroTest {
    try {
      const proved = this.prove([], new Map());
      return { proved, cases: this.cases, ...(proved ? {} : { reason: "no normal form" }), conditions: [this.conditions] };
    } catch (error) {
      // Numbers too long to be of use are work that is not done, too.
      if (!(error instanceof WorkBudgetError) && !(error instanceof RangeError)) throw error;
      return { proved: false, cases: [], reason: "budget", conditions: [this.conditions] };
    }
  }

  /** Proves a − b = 0 under the assumptions, splitting into cases where that is needed. */
  private prove(assumptions: readonly Assumption[], substituted: ReadonlyMap<string, Quotient>): boolean {
    const outcome = this.attempt(assumptions, substituted);
    if (outcome !== "open") {
      this.cases.push({ assumptions: assumptions.map((s) => this.shown(s)), result: outcome });
      return true;
    }
    const [split] = [...this.functions.undecided.values()].sort((p, q) => p.size - q.size);
    if (!split || assumptions.length >= DEEPEST || this.cases.length > MOST_CASES) return false;
    const open = this.functions.facts.of(split);
    for (const signs of [POSITIVE, NEGATIVE, NOTHING]) {
      if (!(open & signs)) continue;
      const next = [...assumptions, { polynomial: split, signs }];
      const places = signs === NOTHING ? this.solved(split, substituted) : substituted;
      if (!this.prove(next, places)) return false;
    }
    return true;
  }

  /** One case: what the domain says of signs is found first, and used in the next round. */
  private attempt(
    assumptions: readonly Assumption[],
    substituted: ReadonlyMap<string, Quotient>,
  ): "zero" | "vacuous" | "open" {
    const { field, functions } = this;
    let facts = this.factsOf(assumptions, []);
    for (let round = 0; round < MOST_ATTEMPTS; round++) {
      const before = `${functions.factorCount} ${functions.lowerBases}`;
      functions.facts = facts;
      functions.undecided.clear();
      const { values, conditions } = normalise(this.roots, functions, substituted);
      if (assumptions.length === 0) this.conditions = conditions;
      if (facts.contradictory || values.some((v) => v === undefined)) return "vacuous";
      const [a, b] = values as readonly Quotient[];
      if (field.isZero(field.sub(a, b))) return "zero";
      const next = this.factsOf(assumptions, conditions);
      if (next.contradictory) return "vacuous";
      const settled = next.signature === facts.signature && before === `${functions.factorCount} ${functions.lowerBases}`;
      facts = next;
      if (settled) break;
    }
    return "open";
  }

  private factsOf(assumptions: readonly Assumption[], conditions: readonly Condition[]): Facts {
    const facts = new Facts(this.field);
    for (const { polynomial, signs } of assumptions) facts.note({ num: polynomial, den: [] }, signs);
    const certain = conditions.filter((c) => !c.conditional);
    for (let round = 0; round < 2; round++) {
      for (const { value, relation } of certain) {
        if (relation === "not 0, -1, -2, …") continue;
        const signs = relation === "> 0" ? POSITIVE : relation === ">= 0" ? POSITIVE | NOTHING : POSITIVE | NEGATIVE;
        facts.note(value, signs);
      }
    }
    return facts;
  }

  /** p = 0 solved for a variable that stands in it linearly, by itself and with a number before it. */
  private solved(p: Polynomial, substituted: ReadonlyMap<string, Quotient>): ReadonlyMap<string, Quotient> {
    const { field } = this;
    for (const [k, { least, most }] of exponentRanges(p)) {
      const kernel = field.kernels[k];
      if (kernel.kind !== "variable" || least !== 0 && p.size > 1 || most !== UNIT) continue;
      const own = [...p.values()].filter((t) => exponentIn(t.monomial, k) !== 0);
      if (own.length !== 1 || own[0].monomial.length !== 2) continue;
      const others = [...p.values()].filter((t) => t !== own[0]);
      if (others.some((t) => t.monomial.some((id, i) => i % 2 === 0 && field.kernels[id].kind !== "variable" && !field.kernels[id].power))) continue;
      let value = field.zero;
      for (const t of others) value = field.add(value, { num: term(t.monomial, t.coefficient), den: [] });
      value = field.scale(value, own[0].coefficient.neg().inverse());
      const key = field.keyOfKernel(k);
      const earlier = [...substituted].map(([name, q]) => [name, q] as const);
      // A variable replaced before may stand for this one: then it is left as it is, which only proves less.
      if (earlier.some(([, q]) => [...q.num.values()].some((t) => exponentIn(t.monomial, k) !== 0))) continue;
      return new Map([...earlier, [key, value]]);
    }
    return substituted;
  }

  private shown({ polynomial, signs }: Assumption): string {
    const relation = signs === POSITIVE ? "> 0" : signs === NEGATIVE ? "< 0" : "= 0";
    return `${this.field.shown(polynomial)} ${relation}`;
  }
}
