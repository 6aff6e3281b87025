/**
 * The direction of imports, as CONTRIBUTING.md lists the folders: each imports only from itself and those
 * above it; the core does not reach maths as text; cli and studio use only what gradus exports.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, normalize } from "node:path/posix";
import { fileURLToPath } from "node:url";

const order =
  "ir primitives transforms engines expression numeric derivation optimize nn train curvature".split(" ");
const entries = ["index.ts", "math.ts", "optimize.ts", "nn.ts", "train.ts"];
const notInCore = ["expression", "numeric", "derivation"];
const library = "packages/gradus/src/";
const users = ["packages/charts/", "packages/lesson/", "packages/studio/", "packages/cli/"];
export const longest = 420;

/** Every import of a source: static, re-exported, for its effect, or dynamic; comments that open a line are not read. */
function importsOf(text) {
  const blank = (comment) => comment.replace(/[^\n]/g, " ");
  const code = text.replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, blank).replace(/^[ \t]*\/\/.*$/gm, blank);
  return [...code.matchAll(/\b(?:from|import)\s*\(?\s*(["'])([^"'\n]+)\1/g)].map((found) => ({
    specifier: found[2],
    line: code.slice(0, found.index).split("\n").length,
  }));
}

/**
 * What is wrong, a line each; nothing if all is well.
 * @param {Map<string, string>} sources text by path from the root, with forward slashes
 * @param {readonly string[]} exported what users may import: "gradus", "gradus/math" ...
 */
export function offences(sources, exported) {
  const found = [];
  const links = new Map();
  for (const [path, text] of sources) {
    const targets = [];
    links.set(path, targets);
    for (const { specifier, line } of importsOf(text)) {
      const offend = (why) => found.push(`${path}:${line}: "${specifier}": ${why}`);
      // Data as text is no code of another package.
      if (specifier.endsWith("?raw")) continue;
      const target = specifier.startsWith(".") ? normalize(`${dirname(path)}/${specifier}`) : undefined;
      if (target) targets.push(target);
      const user = users.find((folder) => path.startsWith(folder));
      if (user) {
        if (
          target ? !target.startsWith(user) : /^gradus(\/|$)/.test(specifier) && !exported.includes(specifier)
        )
          offend(`only ${exported.join(", ")} may be imported from the library`);
      } else if (!target) offend("the library has no runtime dependency");
      else if (!target.startsWith(library)) offend("leaves the library");
      else {
        const [from, to] = [path, target].map((p) => p.slice(library.length).split("/"));
        if (from.length === 1) {
          if (!entries.includes(from[0])) offend(`${from[0]} is not an entry (${entries.join(", ")})`);
        } else if (!order.includes(from[0]))
          offend(`${from[0]}/ has no place in the order: ${order.join(", ")}`);
        else if (to.length === 1) offend(`${from[0]}/ may not import an entry`);
        else if (!order.includes(to[0]) || order.indexOf(to[0]) > order.indexOf(from[0]))
          offend(`${from[0]}/ may not import ${to[0]}/, which is below it`);
      }
    }
  }
  const cameFrom = new Map([[`${library}index.ts`, undefined]]);
  for (const path of cameFrom.keys()) {
    if (notInCore.some((folder) => path.startsWith(`${library}${folder}/`))) {
      const way = [];
      for (let at = path; at; at = cameFrom.get(at)) way.unshift(at.slice(library.length));
      found.push(`${library}index.ts: the core reaches ${way.at(-1)}: ${way.join(" -> ")}`);
      continue;
    }
    for (const target of links.get(path) ?? []) if (!cameFrom.has(target)) cameFrom.set(target, path);
  }
  return found;
}

/** Sources longer than `longest` lines. */
export function tooLong(sources) {
  const count = (text) => text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return [...sources]
    .filter(([, text]) => count(text) > longest)
    .map(([path, text]) => `${path}: ${count(text)} lines, more than ${longest}`);
}

function main() {
  const root = new URL("../", import.meta.url);
  const sources = new Map();
  for (const folder of [library, ...users.map((user) => `${user}src/`)]) {
    if (!existsSync(new URL(folder, root))) continue;
    for (const name of readdirSync(new URL(folder, root), { recursive: true }))
      if (/\.(ts|mts|js|mjs|svelte)$/.test(name)) {
        const path = folder + name.replaceAll("\\", "/");
        sources.set(path, readFileSync(new URL(path, root), "utf8"));
      }
  }
  const { exports } = JSON.parse(readFileSync(new URL("packages/gradus/package.json", root), "utf8"));
  const found = offences(
    sources,
    Object.keys(exports).map((name) => `gradus${name.slice(1)}`),
  );
  for (const line of found) console.error(line);
  for (const line of tooLong(sources)) console.warn(`note: ${line}`);
  console.log(`imports: ${sources.size} files, ${found.length} offences`);
  if (found.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
