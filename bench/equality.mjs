// The judge of equality on generated pairs: how many are proved, told apart, left open, and how long each takes.
// Run: npm run build && node bench/equality.mjs [pairs, 10000 unless told]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { equal, parse } from "gradus/math";
import { rolldown } from "rolldown";

const count = Number(process.argv[2] ?? 10_000);

/** The pairs of the tests, whose source is TypeScript. */
async function pairs() {
  const directory = mkdtempSync(join(tmpdir(), "gradus-bench-"));
  const input = fileURLToPath(new URL("../packages/gradus/test/equality-pairs.ts", import.meta.url));
  const build = await rolldown({ input });
  const file = join(directory, "pairs.mjs");
  await build.write({ file, format: "esm" });
  await build.close();
  const module = await import(pathToFileURL(file).href);
  rmSync(directory, { recursive: true });
  return module;
}

function measure(label, pairOf) {
  const verdicts = { equal: 0, different: 0, unproved: 0 };
  const times = [];
  const options = { variables: ["x", "y"] };
  for (let seed = 0; seed < count; seed++) {
    const pair = pairOf(seed);
    const [left, right] = [parse(pair.left, options), parse(pair.right, options)];
    const start = performance.now();
    verdicts[equal(left, right).verdict]++;
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(count - 1, Math.floor(share * count))].toFixed(2);
  console.log(
    `${label}: ${JSON.stringify(verdicts)}  ms: median ${at(0.5)}, 90 % ${at(0.9)}, 99 % ${at(0.99)}, most ${at(1)}`,
  );
}

const { equalPair, differentPair } = await pairs();
measure(`${count} equal by construction`, equalPair);
measure(`${count} changed in one place`, differentPair);
