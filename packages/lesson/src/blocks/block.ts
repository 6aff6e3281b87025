import { type Scene, shortNumber, toSvg } from "gradus-charts";
import type { Attributes, Quantities } from "../attributes.ts";
import { type Html, html, trusted } from "../html.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How far a reader has played a block, and what of it is looked at. */
export interface Looked {
  readonly step?: number;
  readonly part?: string;
  readonly playing?: boolean;
}

export interface Context {
  readonly quantities: Quantities;
  /** The room for a picture, in pixels, where a page knows it. */
  readonly room?: Size;
  /** Whether stated numbers and formulas are compared: not once a reader has moved a quantity. */
  readonly stated: boolean;
  readonly looked?: Looked;
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

const WIDTH = 688;

/** The size of a picture: as the page has room, else as wide as its text. */
export const sizeOf = ({ room }: Context, height = 350): Size => room ?? { width: WIDTH, height };

/** A page keeps this room whatever is drawn in it, so that nothing moves when it is drawn anew. */
export function picture(scene: Scene): Html {
  const { width, height } = scene.attributes;
  return html`<figure class="picture" style="--w:${width};--h:${height}">${trusted(toSvg(scene, undefined, true))}</figure>`;
}

export const number = (v: number, digits = 6): string => shortNumber(v, digits);

type Cell = Html | string;

/** A table with a head; the first column are the names of the rows. Numbers stand to the right, formulas to the left. */
export function table(head: readonly Cell[], rows: readonly (readonly Cell[])[]): Html {
  const look = head.map((_, i) => (rows.some((r) => typeof r[i] === "object") ? html` class="left"` : ""));
  const line = (row: readonly Cell[]) =>
    html`<tr>${row.map((c, i) => (i === 0 ? html`<th scope="row">${c}</th>` : html`<td${look[i]}>${c}</td>`))}</tr>`;
  return html`<div class="wide" tabindex="0" role="region" aria-label="table"><table><thead><tr>${head.map((c, i) => html`<th scope="col"${look[i]}>${c}</th>`)}</tr></thead><tbody>${rows.map(line)}</tbody></table></div>`;
}
