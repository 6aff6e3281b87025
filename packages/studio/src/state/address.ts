/** The state as the part of the address after #, and back: `#/taylor?f=sin(x)&taylor.order=5`. */

export type Value = string | number | boolean;
export type Fields = Readonly<Record<string, Value>>;

export interface Place {
  readonly view: string;
  /** As written: what a field is, its default says. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Addresses come from strangers: no more than this is read of one. */
const LONGEST = 20_000;
const NAME = /^[a-z][a-zA-Z0-9.]{0,60}$/;

export function readAddress(hash: string): Place {
  const text = hash.slice(0, LONGEST).replace(/^#?\/?/, "");
  const [view, query = ""] = split(text);
  const fields: Record<string, string> = {};
  // A plus is a plus: who types x^2+1 into an address means no blank.
  for (const [name, value] of new URLSearchParams(query.replaceAll("+", "%2B")))
    if (NAME.test(name)) fields[name] = value;
  return { view: /^[a-z]{1,30}$/.test(view) ? view : "", fields };
}

function split(text: string): [string, string?] {
  const at = text.indexOf("?");
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

export function writeAddress(view: string, fields: Fields): string {
  const names = Object.keys(fields).sort();
  const query = new URLSearchParams(names.map((n) => [n, String(fields[n])]))
    .toString()
    .replaceAll("+", "%20");
  return `#/${view}${query ? `?${query}` : ""}`;
}

/** A field read as its default is; the default where it cannot be. */
export function asDefault<T extends Value>(text: string | undefined, fallback: T): T {
  if (text === undefined) return fallback;
  if (typeof fallback === "string") return text as T;
  if (typeof fallback === "boolean") return (text === "true") as T;
  const number = Number(text);
  return (text.trim() !== "" && Number.isFinite(number) ? number : fallback) as T;
}
