import { type Compiled, compile, preparedOf } from "../engines/compile.ts";
import type { Prepared } from "../engines/prepared.ts";
import { assertFinite } from "../expression/diagnose.ts";
import { Expression, parse } from "../expression/expression.ts";
import { nearest } from "../expression/suggest.ts";
import { dependents, topologicalOrder } from "../ir/graph.ts";
import { constant, exactConstant, input, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { mul, sub } from "../primitives/arithmetic.ts";
import { broadcastTo, tensor } from "../primitives/define.ts";
import { reshape } from "../primitives/structure.ts";
import { batchGraph } from "../transforms/batch.ts";
import { tangents } from "../transforms/tangent.ts";
import { decimal, subWide, wideEvaluator } from "./double-double.ts";
import { norm } from "./linear-algebra.ts";
import type { Residuals } from "./residual-model.ts";

/** What the data or the model of a fit lack; the message is the mend. */
export class FitError extends Error {
  override name = "FitError";
}

export type Columns = Readonly<Record<string, ArrayLike<number>>>;

/** A model as written, bound to the columns of a table. */
export interface FitModel {
  readonly source: string;
  /** Columns of the table, used or not. */
  readonly columns: readonly string[];
  readonly left: Expression;
  readonly right: Expression;
  readonly parameters: readonly string[];
  /** Columns that the model uses. */
  readonly used: readonly string[];
}

const READ = new Map<string, FitModel>();

/** `y = b1 (1 - exp(-b2 x))`: names of columns are data, every other name is a parameter. The last few are kept. */
export function readModel(
  source: string,
  columns: readonly string[],
  starts: readonly string[] | undefined,
): FitModel {
  const key = JSON.stringify([source, columns, starts]);
  const model = READ.get(key) ?? parseModel(source, columns, starts);
  READ.delete(key);
  READ.set(key, model);
  if (READ.size > MOST_READY) READ.delete(READ.keys().next().value as string);
  return model;
}

function parseModel(
  source: string,
  columns: readonly string[],
  starts: readonly string[] | undefined,
): FitModel {
  const e = parse(source, { variables: [...columns, ...(starts ?? [])] });
  const left =
    e.equation !== undefined
      ? new Expression(e.equation.left)
      : e.resultName !== undefined
        ? parse(e.resultName, { variables: [e.resultName] })
        : undefined;
  if (!left)
    throw new FitError(`the model "${source}" has no left side: write y = …, with y a column of the data`);
  const has = (name: string) => columns.includes(name);
  for (const name of left.variables.keys())
    if (!has(name))
      throw new FitError(`${name}, on the left of the model, is no column${hint(name, columns)}`);
  const right = new Expression(e.node, { reading: e.reading, bindings: e.bindings });
  const names = [...right.variables.keys()];
  const parameters = names.filter((name) => !has(name));
  if (starts) {
    for (const name of starts)
      if (!parameters.includes(name))
        throw new FitError(
          has(name)
            ? `${name} has a start, but it is a column`
            : `${name} has a start, but the model does not use it`,
        );
  }
  if (parameters.length === 0)
    throw new FitError(`the model "${source}" has no parameters: every name in it is a column`);
  const used = [...new Set([...left.variables.keys(), ...names.filter(has)])];
  return { source, columns, left, right, parameters, used };
}

function hint(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return `${near ? `: did you mean ${near}?` : ""} (columns: ${names.join(", ") || "none"})`;
}

/** Beside the data, residuals this small are mostly rounding in doubles; so many rows at most are done anew. */
const TINY = 1e-7;
const MOST_WIDE = 10_000;

/**
 * The residuals with 106 bits, where doubles would leave few digits of them: the data are taken as the decimals that
 * they were written as. Undefined where doubles do, or the model has an operation without such a rule.
 */
export function wideResiduals(
  model: FitModel,
  data: Columns,
  bound: BoundModel,
  weights: Float64Array | undefined,
  x: Float64Array,
  residuals: Float64Array,
): Float64Array | undefined {
  if (bound.rows > MOST_WIDE || !(norm(residuals) < TINY * norm(bound.observed))) return undefined;
  const [left, right] = [wideEvaluator(model.left.node), wideEvaluator(model.right.node)];
  if (!left || !right) return undefined;
  const parameters = new Map(model.parameters.map((name, i) => [name, x[i]]));
  const values = (e: Expression, row: number) =>
    new Map(
      [...e.variables].map(([name, node]) => {
        const value = parameters.get(name);
        return [node, value === undefined ? decimal(data[name][row]) : ([value, 0] as const)] as const;
      }),
    );
  return residuals.map((_, row) => {
    const [high, low] = subWide(right(values(model.right, row)), left(values(model.left, row)));
    return (high + low) * Math.sqrt(weights?.[row] ?? 1);
  });
}

export interface BoundModel extends Residuals {
  /** Left side, row by row. */
  readonly observed: Float64Array;
  /** Which parameters the derivative by each parameter depends on. */
  depends(): readonly ReadonlySet<number>[];
  residuals(x: Float64Array): Float64Array;
  jacobian(x: Float64Array): { residuals: Float64Array; columns: Float64Array[] };
  /** Names what has no finite value at these parameters. */
  explain(x: Float64Array): string;
}

/** A model compiled for a number of rows; the data are inputs. */
interface Ready {
  readonly left: Compiled;
  readonly residual: Prepared;
  readonly derivatives: Prepared;
  depends(): readonly ReadonlySet<number>[];
}

const READY = new Map<string, Ready>();
/** The last few models are kept, unless their buffers are large. */
const MOST_READY = 16;
const MOST_KEPT_ROWS = 20_000;

function ready(model: FitModel, rows: number, weighted: boolean): Ready {
  const key = JSON.stringify([model.source, model.parameters, model.columns, rows, weighted]);
  const found = READY.get(key) ?? compileModel(model, rows, weighted);
  READY.delete(key);
  if (rows <= MOST_KEPT_ROWS) READY.set(key, found);
  if (READY.size > MOST_READY) READY.delete(READY.keys().next().value as string);
  return found;
}

/**
 * Residuals √w·(model − left side) over the rows, and their derivatives by the parameters: the graph of one row,
 * batched over all, with a pushforward for each parameter.
 */
function compileModel(model: FitModel, rows: number, weighted: boolean): Ready {
  const parameters = model.parameters.map((name) => input({ shape: [], dtype: "f64" }, { name }));
  const table = new Map(model.used.map((name) => [name, input({ shape: [rows], dtype: "f64" }, { name })]));
  const left = batched(model.left, table, rows, new Map());
  const byName = new Map(model.parameters.map((name, i) => [name, parameters[i]]));
  let residual = sub(batched(model.right, table, rows, byName), left);
  const root = input({ shape: [rows], dtype: "f64" }, { name: "√weight" });
  if (weighted) residual = mul(residual, root);
  const one = exactConstant(Rational.ONE);
  const columns = parameters.map((x) => {
    const [tangent] = tangents([residual], new Map([[x, one]]));
    return tangent ? broadcastTo(tangent, [rows]) : constant(new Float64Array(rows), [rows], "f64");
  });
  const given = [...table.values(), ...(weighted ? [root] : [])];
  return {
    left: compile({ inputs: [...table.values()], outputs: [left] }),
    residual: preparedOf(compile({ inputs: [...parameters, ...given], outputs: [residual] })),
    derivatives: preparedOf(compile({ inputs: [...parameters, ...given], outputs: [residual, ...columns] })),
    depends: () =>
      columns.map((c) => {
        const order = topologicalOrder([c]);
        return new Set(parameters.flatMap((x, i) => (dependents(order, [x]).has(c) ? [i] : [])));
      }),
  };
}

/** The model on its data. */
export function bindModel(
  model: FitModel,
  data: Columns,
  rows: number,
  weights: Float64Array | undefined,
): BoundModel {
  const { left, residual, derivatives, depends } = ready(model, rows, weights !== undefined);
  const table = model.used.map((name) => floats(data[name]));
  const observed = new Float64Array(rows);
  left.into([observed], ...table);
  checkLeft(model, observed);
  const n = model.parameters.length;
  const parameters = model.parameters.map(() => new Float64Array(1));
  const given = [...parameters, ...table, ...(weights ? [weights.map(Math.sqrt)] : [])];
  const inputsAt = (x: Float64Array) => {
    for (let i = 0; i < n; i++) parameters[i][0] = x[i];
    return given;
  };
  const evaluate: Residuals["evaluate"] = (x, residuals, columns) =>
    derivatives.run(inputsAt(x), [residuals, ...columns]);
  return {
    names: model.parameters,
    rows,
    observed,
    depends,
    evaluate,
    residuals: (x) => {
      const out = new Float64Array(rows);
      residual.run(inputsAt(x), [out]);
      return out;
    },
    jacobian: (x) => {
      const residuals = new Float64Array(rows);
      const columns = Array.from({ length: n }, () => new Float64Array(rows));
      evaluate(x, residuals, columns);
      return { residuals, columns };
    },
    explain: (x) => explain(model, data, rows, x),
  };
}

const floats = (column: ArrayLike<number>): Float64Array =>
  column instanceof Float64Array ? column : new Float64Array(column);

/** An expression of one row over all rows. */
function batched(
  e: Expression,
  table: ReadonlyMap<string, Node>,
  rows: number,
  parameters: ReadonlyMap<string, Node>,
): Node {
  const places = new Map<string, Node>();
  const open = new Map<Node, Node>();
  for (const name of e.variables.keys()) {
    const parameter = parameters.get(name);
    const row = parameter ?? input({ shape: [], dtype: "f64" }, { name });
    places.set(name, row);
    if (!parameter) open.set(row, table.get(name) as Node);
  }
  const row = e.apply(places);
  if (row.size !== 1)
    throw new FitError(`the model must give one number for each row, got shape [${row.shape}]`);
  // exp[x] is a list of one number.
  const [result] = batchGraph([reshape(row, [])], open, rows);
  return result.varies ? result.node : broadcastTo(result.node, [rows]);
}

function checkLeft(model: FitModel, values: Float64Array): void {
  const bad = values.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0)
    throw new FitError(`the left side ${model.left.toString()} has no finite value in row ${bad + 1}`);
}

function explain(model: FitModel, data: Columns, rows: number, x: Float64Array): string {
  const parameters = new Map(model.parameters.map((name, i) => [name, x[i]]));
  const nodes = model.right.variables;
  for (let row = 0; row < rows; row++) {
    const given = new Map(
      [...nodes].map(([name, node]) => [node, tensor(parameters.get(name) ?? data[name][row])]),
    );
    const value = model.right.evaluate(
      new Map([...nodes].map(([name, node]) => [name, given.get(node) as Node])),
    );
    try {
      assertFinite(model.right.node, given, value);
    } catch (error) {
      return `row ${row + 1}: ${(error as Error).message}`;
    }
  }
  return "a derivative of the model has no finite value";
}
