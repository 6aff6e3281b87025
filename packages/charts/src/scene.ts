/** An SVG element as data: a page makes it live, `toSvg` writes it. */
export interface Scene {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly (Scene | string)[];
}

export type Attributes = Readonly<Record<string, string | number | undefined>>;

export function element(
  tag: string,
  attributes: Attributes = {},
  children: readonly (Scene | string)[] = [],
): Scene {
  const given = Object.entries(attributes).filter(([, v]) => v !== undefined) as [string, string | number][];
  const rounded = given.map(([k, v]) => [k, typeof v === "number" ? round(v) : v] as const);
  return { tag, attributes: Object.fromEntries(rounded), children };
}

/** Hundredths of a pixel are enough, and keep the file small. */
export const round = (v: number): number => Math.round(v * 100) / 100;

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => ESCAPES[c]);

/** What only a live picture needs. */
const LIVE = /^(tabindex|data-.*|aria-value.*|aria-orientation|aria-pressed)$/;

/** A scene as SVG text. With `style`, a file that stands by itself; `live`, with what a page's handles need. */
export function toSvg(scene: Scene, style?: string, live = false): string {
  const own = style === undefined ? [] : [`<style>${style}</style>`];
  return written(scene, live, own);
}

function written(
  { tag, attributes, children }: Scene,
  live: boolean,
  before: readonly string[] = [],
): string {
  const still = "data-handle" in attributes || "data-part" in attributes;
  const list = Object.entries(attributes)
    .filter(([k]) => live || (!LIVE.test(k) && !(still && (k === "role" || k === "aria-label"))))
    .map(([k, v]) => ` ${k}="${escaped(String(v))}"`)
    .join("");
  const inner = children.map((c) => (typeof c === "string" ? escaped(c) : written(c, live)));
  const content = [...before, ...inner].join("");
  return content === "" ? `<${tag}${list}/>` : `<${tag}${list}>${content}</${tag}>`;
}
