/** What the view Graph asks of the library, from plain data to plain data. */
import { parse } from "gradus/math";
import { type GraphAnswer, graphAnswer, type Numbers } from "gradus-charts/graph";

export interface Question {
  readonly f: string;
  /** Values of variables that are numbers, 1 where none is given; and of vectors and matrices. */
  readonly point: Readonly<Record<string, number>>;
  readonly lists: Readonly<Record<string, Numbers>>;
  readonly wrt: string;
  readonly vertical: boolean;
}

export function graphAt({ f, point, lists, wrt, vertical }: Question): Promise<GraphAnswer> {
  const names = [...parse(f).variables.keys()];
  const of = (name: string): Numbers =>
    Object.hasOwn(lists, name) ? lists[name] : Object.hasOwn(point, name) ? point[name] : 1;
  return graphAnswer({ f, values: Object.fromEntries(names.map((n) => [n, of(n)])), wrt, vertical });
}
