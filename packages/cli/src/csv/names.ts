import { parse } from "gradus/math";

/**
 * A header such as "Flow (m³/s)" as a name that a formula may hold: Flow. The unit goes, accents too, and what is no
 * letter or digit becomes _. A header that is a name already stays as it is.
 */
export function plainName(header: string, column: number): string {
  if (isName(header)) return header;
  const bare = header.replace(/\s*[([{].*[)\]}]\s*$/, "") || header;
  const letters = bare.normalize("NFKD").replace(/\p{M}/gu, "").replaceAll("ß", "ss");
  const words = letters.split(/[^\p{L}\p{N}]+/u).filter((w) => w !== "");
  const joined = words.join("_");
  return isName(joined) ? joined : `column_${column}`;
}

/** Whether a formula reads it as one variable. */
function isName(text: string): boolean {
  if (!/^[\p{L}][\p{L}\p{N}_]*$/u.test(text)) return false;
  try {
    const { variables } = parse(text, { variables: [text] });
    return variables.size === 1 && variables.has(text);
  } catch {
    return false;
  }
}

/** A model in which headers may stand in quotes, "Flow (m³/s)", with their names. */
export function withNames(model: string, headers: ReadonlyMap<string, string>): string {
  return model.replace(/"([^"]+)"|`([^`]+)`/g, (all, a?: string, b?: string) => {
    return headers.get((a ?? b ?? "").trim()) ?? all;
  });
}
