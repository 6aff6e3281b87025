import { type Scene, shortNumber, toSvg } from "gradus-charts";
import type { Attributes, Quantities } from "../attributes.ts";
import { type Html, html, trusted } from "../html.ts";

export interface Context {
  readonly quantities: Quantities;
  /** Whether stated numbers and formulas are compared: not once a reader has moved a quantity. */
  readonly stated: boolean;
}

export interface Rendered {
  readonly html: Html;
  /** What is not as the lesson states it. */
  readonly problems?: readonly string[];
}

/** A kind of live block: what may be written in its braces, and what a page shows for it. */
export interface BlockKind {
  /** In the running text, `:name{…}`, on a line by itself, `::name{…}`, or either. */
  readonly place: "text" | "leaf" | "either";
  readonly attributes: readonly string[];
  render(a: Attributes, context: Context, display: boolean): Rendered | Promise<Rendered>;
}

export const PICTURE = { width: 640, height: 340 };

export const picture = (scene: Scene): Html =>
  html`<figure class="picture">${trusted(toSvg(scene, undefined, true))}</figure>`;

export const number = (v: number, digits = 6): string => shortNumber(v, digits);

type Cell = Html | string;

/** A table with a head; the first column are the names of the rows. */
export function table(head: readonly Cell[], rows: readonly (readonly Cell[])[]): Html {
  const line = (row: readonly Cell[]) =>
    html`<tr>${row.map((c, i) => (i === 0 ? html`<th scope="row">${c}</th>` : html`<td>${c}</td>`))}</tr>`;
  return html`<div class="wide" tabindex="0" role="region" aria-label="table"><table><thead><tr>${head.map((c) => html`<th scope="col">${c}</th>`)}</tr></thead><tbody>${rows.map(line)}</tbody></table></div>`;
}
