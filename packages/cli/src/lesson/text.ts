import { readFileSync, statSync } from "node:fs";

const MOST_BYTES = 4_000_000;

/** The text of a lesson, or why it is none. */
export function readText(file: string): { readonly text?: string; readonly problem?: string } {
  const { size } = statSync(file);
  if (size > MOST_BYTES)
    return {
      problem: `the file has ${size} bytes: no more than ${MOST_BYTES} are read; cut it into several lessons`,
    };
  const bytes = readFileSync(file);
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return { problem: "the file is UTF-16: save it as UTF-8" };
  if (bytes.includes(0))
    return { problem: "the file is no text: there are zero bytes in it; save it as UTF-8" };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { problem: `line ${lineOfFault(bytes)} is not UTF-8: save the file in that encoding` };
  }
}

function lineOfFault(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  let from = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
    try {
      decoder.decode(bytes.subarray(from, at));
    } catch {
      return line;
    }
    line++;
    from = at + 1;
  }
  return line;
}
