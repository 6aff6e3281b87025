import { readFileSync, realpathSync, statSync } from "node:fs";
import { resolve, sep } from "node:path";

const MOST_BYTES = 20_000_000;

/** What an SVG does more than show a picture, once it is opened by itself. */
const ACTIVE: readonly (readonly [RegExp, string])[] = [
  [/<([\w-]+:)?script|javascript\s*:/i, "has a script in it"],
  [/[\s"'/]on\w+\s*=/i, "has an event handler in it"],
  [/<([\w-]+:)?(foreignObject|iframe|object|embed|handler)\b/i, "has a page in it"],
  [/<!ENTITY|<\?xml-stylesheet|@import|url\(\s*["']?(?!#|["']?data:image\/)/i, "loads something"],
  [/href\s*=\s*(?!["']\s*(#|data:image\/(png|jpe?g|gif|webp)))/i, "leads to something else"],
  [/attributeName\s*=\s*["']?\s*([\w-]+:)?(href|on)/i, "changes where it leads"],
];

/** Why a picture of a lesson is not shown. */
export function whatIsWrongWith(folder: string, below: string, image: string): string | undefined {
  let file: string;
  try {
    file = realpathSync(resolve(folder, below, image));
  } catch {
    return "is not there: put it beside the lesson";
  }
  if (!file.startsWith(realpathSync(folder) + sep)) return "is a link that leads out of the folder";
  const { size } = statSync(file);
  if (!statSync(file).isFile()) return "is no file";
  if (size > MOST_BYTES) return `has ${size} bytes: no more than ${MOST_BYTES} are shown`;
  if (!/\.svg$/i.test(image)) return undefined;
  const bytes = readFileSync(file);
  const text = bytes.toString("utf8");
  if (bytes.includes(0)) return "is no SVG in UTF-8";
  const found = ACTIVE.find(([pattern]) => pattern.test(text));
  return found && `${found[1]}: a picture may only be seen`;
}
