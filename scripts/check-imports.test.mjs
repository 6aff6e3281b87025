import { describe, expect, it } from "vitest";
import { longest, offences, tooLong } from "./check-imports.mjs";

const check = (files) => offences(new Map(Object.entries(files)), ["gradus", "gradus/math"]);
const src = "packages/gradus/src";

describe("the check of imports", () => {
  it("lets pass what points upwards", () => {
    expect(
      check({
        [`${src}/index.ts`]: 'export * from "./engines/a.ts";',
        [`${src}/math.ts`]: 'export * from "./derivation/a.ts";',
        [`${src}/engines/a.ts`]: 'import "../ir/a.ts";\nimport { b } from "./b.ts";',
        [`${src}/ir/a.ts`]: '/** import { x } from "gradus"; */\n// import "../engines/a.ts";',
        "packages/cli/src/main.ts":
          'import { Command } from "commander";\nimport "gradus/math";\nimport "./a.ts";',
      }),
    ).toEqual([]);
  });

  it.each([
    [
      "a folder below",
      `${src}/ir/a.ts`,
      'import type {\n  B,\n} from "../transforms/b.ts";',
      "may not import transforms/",
    ],
    ["a dynamic import", `${src}/ir/a.ts`, 'await import("../engines/b.ts");', "may not import engines/"],
    ["a re-export", `${src}/expression/a.ts`, "export * from '../numeric/b.ts'", "may not import numeric/"],
    ["an entry from within", `${src}/nn/a.ts`, 'import "../index.ts";', "may not import an entry"],
    ["a dependency", `${src}/ir/a.ts`, 'import "mathjs";', "no runtime dependency"],
    ["a way out", `${src}/ir/a.ts`, 'import "../../../cli/src/main.ts";', "leaves the library"],
    ["an unknown folder", `${src}/misc/a.ts`, 'import "../ir/a.ts";', "no place in the order"],
    ["an unknown root file", `${src}/misc.ts`, 'import "./ir/a.ts";', "not an entry"],
    [
      "the inside of the library",
      "packages/cli/src/a.ts",
      'import "gradus/dist/ir/a.js";',
      "only gradus, gradus/math",
    ],
    [
      "the library's sources",
      "packages/cli/src/a.ts",
      'import "../../gradus/src/index.ts";',
      "only gradus, gradus/math",
    ],
  ])("catches %s", (_, path, text, why) => {
    const found = check({ [path]: text });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(why);
  });

  it("names the line, and the way from the core to maths as text", () => {
    const found = check({
      [`${src}/index.ts`]: 'export * from "./engines/a.ts";',
      [`${src}/engines/a.ts`]: '\nimport "../expression/a.ts";',
      [`${src}/expression/a.ts`]: "",
    });
    expect(found[0]).toContain("engines/a.ts:2:");
    expect(found[1]).toContain("index.ts -> engines/a.ts -> expression/a.ts");
  });

  it("names files that are too long", () => {
    const sources = new Map([
      ["a.ts", "x\n".repeat(longest)],
      ["b.ts", "x\n".repeat(longest + 1)],
    ]);
    expect(tooLong(sources)).toEqual([`b.ts: ${longest + 1} lines, more than ${longest}`]);
  });
});
