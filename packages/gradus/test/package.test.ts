import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";

const source = fileURLToPath(new URL("..", import.meta.url));
const tsc = fileURLToPath(new URL("../../../node_modules/typescript/bin/tsc", import.meta.url));
const project = mkdtempSync(join(tmpdir(), "gradus-package-"));
const installed = join(project, "node_modules", "gradus");

beforeAll(() => {
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--pack-destination", project], { cwd: source, encoding: "utf8" }),
  );
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", join(project, filename), "-C", installed, "--strip-components=1"]);
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
}, 60_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** What an application of somebody else writes: every entry, trees of parameters, errors by type. */
const APPLICATION = `
import { checkGrads, grad, hessian, jit, jvp, ShapeError, sigmoid, taylor, type Tensor, tensor, valueAndGrad, vmap } from "gradus";
import { derivation, equal, type Expression, math, parse, renderDerivation } from "gradus/math";
import { adam, fit, minimize, trainStep } from "gradus/optimize";

const slope: number = grad((x: Tensor) => x.mul(x))(3);
const tree: { w: number; b: number } = grad((p: { w: Tensor; b: Tensor }) => sigmoid(p.w.mul(2).add(p.b)))({ w: 0.5, b: 0.1 });
const rows: Tensor = vmap(grad((x: Tensor) => x.exp()))(tensor([0, 1, 2]));
const second: Tensor = hessian((w: Tensor) => w.mul(w).sum())(tensor([1, 2]));
const f: Expression = math\`sin(x^2)\`;
const text: string = f.derivative("x").toText();
export const refused = () => {
  // @ts-expect-error a text is no Tensor
  grad((x: Tensor) => x.mul(x))("3");
  // @ts-expect-error no such method
  tensor([1]).nonsense();
};
console.log(JSON.stringify({ slope, tree, rows: rows.toArray(), second: second.shape, text }));
export const used = [checkGrads, jit, jvp, ShapeError, taylor, valueAndGrad, derivation, equal, parse, renderDerivation, adam, fit, minimize, trainStep];
`;

test("packed and installed, it runs and has its types, checked strictly", () => {
  writeFileSync(join(project, "application.ts"), APPLICATION);
  const options = ["--strict", "--target", "es2022", "--module", "nodenext", "--types", "", "--outDir", "."];
  execFileSync(process.execPath, [tsc, ...options, "application.ts"], { cwd: project, encoding: "utf8" });
  const said = execFileSync(process.execPath, ["application.js"], { cwd: project, encoding: "utf8" });
  expect(JSON.parse(said)).toEqual({
    slope: 6,
    tree: { w: expect.closeTo(0.37474, 4), b: expect.closeTo(0.18737, 4) },
    rows: [1, Math.E, expect.closeTo(Math.exp(2), 12)],
    second: [2, 2],
    text: "2*x*cos(x^2)",
  });
}, 60_000);

test("an import prints nothing and leaves the globals alone", () => {
  const script = `const before = Object.getOwnPropertyNames(globalThis).join();
    await Promise.all(["gradus", "gradus/math", "gradus/optimize"].map((name) => import(name)));
    if (Object.getOwnPropertyNames(globalThis).join() !== before) console.log("globals changed");`;
  writeFileSync(join(project, "import.mjs"), script);
  expect(execFileSync(process.execPath, ["import.mjs"], { cwd: project, encoding: "utf8" })).toBe("");
});

/** The names of the primitives in the bundle of an application. */
async function carried(imports: string): Promise<string> {
  const entry = join(project, "entry.mjs");
  writeFileSync(entry, `export { ${imports} } from "gradus";`);
  const bundle = await rolldown({ input: entry });
  const { output } = await bundle.generate({ minify: true });
  return output[0].code;
}

test("an application carries only what it imports", async () => {
  const code = await carried("grad");
  for (const other of [
    "cholesky",
    "conv",
    "scan",
    "erf",
    "softmax",
    "while",
    "sort",
    "tanh",
    "mixedCofactors",
  ])
    expect(code).not.toMatch(new RegExp(`name:.${other}`));
  expect(await carried("cholesky")).toMatch(/name:.cholesky/);
  expect(await carried("tanh")).not.toMatch(/name:.cholesky/);
});
