// Symbolic derivative with tidying, beside mathjs (derivative with simplify) and SymPy (diff and simplify).
// Run: npm run build && node bench/symbolic.mjs [--sympy]   SymPy needs python3 with sympy.
// The peers can hang on an expression: each runs in a process of its own, from the shortest expression on, and is
// stopped after a minute; what it has not answered by then counts as slower than what it has.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "gradus/math";

const file = fileURLToPath(new URL("./expressions.json", import.meta.url));
const expressions = JSON.parse(readFileSync(file, "utf8")).sort((a, b) => a.length - b.length);
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

const MATHJS = `
import { readFileSync } from "node:fs";
import { derivative } from "mathjs";
for (const text of JSON.parse(readFileSync(${JSON.stringify(file)}, "utf8")).sort((a, b) => a.length - b.length)) {
  const start = performance.now();
  try { derivative(text, "x", { simplify: true }).toString(); } catch { process.stdout.write("!"); }
  console.log(performance.now() - start);
}`;
const SYMPY = `
import json, time, sympy
x = sympy.Symbol("x")
for text in sorted(json.load(open(${JSON.stringify(file)})), key=len):
    start = time.perf_counter()
    failed = ""
    try: str(sympy.simplify(sympy.diff(sympy.sympify(text.replace("^", "**")), x)))
    except Exception: failed = "!"
    print(failed + str(1000 * (time.perf_counter() - start)), flush=True)`;

/** Milliseconds for each expression, Infinity where the peer did not come to an end; and how many it refused. */
function peer(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      stdio: ["ignore", "pipe", "ignore"],
    });
    let out = "";
    child.stdout.on("data", (d) => {
      out += d;
    });
    setTimeout(() => child.kill("SIGKILL"), 60_000).unref();
    child.on("close", () => {
      const lines = out.split("\n").slice(0, -1);
      const times = expressions.map((_, i) =>
        lines[i] === undefined ? Number.POSITIVE_INFINITY : Number(lines[i].replace("!", "")),
      );
      resolve({ times, refused: lines.filter((l) => l.startsWith("!")).length, answered: lines.length });
    });
  });
}

function own() {
  const run = (text) => {
    const start = performance.now();
    parse(text, { variables: ["x"] })
      .derivative("x")
      .toText();
    return performance.now() - start;
  };
  for (const text of expressions.slice(0, 20)) run(text);
  return expressions.map((text) => median([run(text), run(text), run(text)]));
}

const mine = own();
console.log(`gradus  median ${median(mine).toFixed(3)} ms, all ${expressions.length} answered`);
const peers = [["mathjs", process.execPath, ["--input-type=module", "-e", MATHJS]]];
if (process.argv.includes("--sympy")) peers.push(["SymPy", "python3", ["-c", SYMPY]]);
for (const [name, command, args] of peers) {
  const { times, refused, answered } = await peer(command, args);
  const done = times.map((t, i) => t / mine[i]).slice(0, answered);
  const line = `median ratio over the ${answered} shortest, which it answered in a minute: ${median(done).toFixed(0)}`;
  console.log(
    `${name.padEnd(7)} median of all 200 ${median(times).toFixed(1)} ms; ${line}; failed on ${refused}`,
  );
}
