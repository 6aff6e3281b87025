import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gradus-fit-"));
afterAll(() => rmSync(folder, { recursive: true }));

function gradus(args: readonly string[], input?: string) {
  const run = spawnSync(process.execPath, [main, ...args], { encoding: "utf8", input, timeout: 30_000 });
  return { code: run.status, out: run.stdout, error: run.stderr };
}
const json = (args: readonly string[]) => JSON.parse(gradus([...args, "--json"]).out);
function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const ROSENBROCK = "(1-x)^2 + 100 (y-x^2)^2";

describe("hessian", () => {
  it("in symbols and numbers, and says what the point is", () => {
    const answer = json(["hessian", "x^3 + y^3 - 3 x y", "x=1", "y=1"]);
    expect(answer.hessian.map((row: { text: string }[]) => row.map((h) => h.text))).toEqual([
      ["6*x", "-3"],
      ["-3", "6*y"],
    ]);
    expect(answer.at).toMatchObject({
      value: -1,
      gradient: [0, 0],
      eigenvalues: [expect.closeTo(3, 12), expect.closeTo(9, 12)],
      point: "minimum",
    });
    expect(json(["hessian", "x^2 - y^2", "x=0", "y=0"]).at.point).toBe("saddle");
    expect(json(["hessian", "x^2 y", "x=1", "y=2"]).at).toMatchObject({
      point: "no stationary point",
      hessian: [
        [4, 2],
        [2, 0],
      ],
    });
    expect(json(["hessian", "‖w‖²", "w=[1,2]"]).at.eigenvalues).toEqual([
      expect.closeTo(2, 12),
      expect.closeTo(2, 12),
    ]);
    expect(gradus(["hessian", "sin(x) y"]).out).toMatch(/cos\(x\)/);
  });
});

describe("minimize", () => {
  it("gives point, value, verdict, evaluations and steps", () => {
    const answer = json(["minimize", ROSENBROCK, "--from", "x=-1.2,y=1", "--method", "newton"]);
    expect(answer.point).toEqual({ x: expect.closeTo(1, 5), y: expect.closeTo(1, 5) });
    expect(answer).toMatchObject({ verdict: "minimum", method: "newton" });
    expect(answer.evaluations).toBe(answer.steps.length + 1);
    for (const s of answer.steps) expect(s.ratio).toBeCloseTo(s.actual / s.promised, 10);
  });
  it("shows the way, the contours, and the stable rate", () => {
    const { out, code } = gradus([
      "minimize",
      "1/2 (x^2 + 25 y^2)",
      "--from",
      "x=1,y=1",
      "--method",
      "gd",
      "--rate",
      "0.05",
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(/promised\s+came\s+ratio/);
    expect(out).toMatch(/★/);
    expect(out).toMatch(/2\/λmax = 0.08 \(λmax = 25\)/);
    expect(out).toMatch(
      /2\/\(λmin \+ λmax\) = 0.076923; .*= 0.92308 of the distance \(κ = λmax\/λmin = 25\)/,
    );
    const wild = gradus(["minimize", "1/2 (x^2 + 25 y^2)", "--method", "gd", "--rate", "0.1"]);
    expect(wild.code).toBe(1);
    expect(wild.error).toMatch(/diverged: the rate 0.1 .*2\/λmax = 0.08/);
  });
  it("bounds, fixed values, vectors, comparison, picture", () => {
    expect(json(["minimize", ROSENBROCK, "--from", "x=0,y=0", "--bounds", "x=:0.5"]).point.x).toBe(0.5);
    expect(json(["minimize", "(x - a)^2", "a=3"]).point).toEqual({ x: expect.closeTo(3, 8) });
    expect(
      json(["minimize", "‖X w − y‖²", "X=[[1,0],[0,2]]", "y=[1,4]", "--from", "w=[0,0]"]).point.w,
    ).toEqual([expect.closeTo(1, 6), expect.closeTo(2, 6)]);
    const { compare } = json([
      "minimize",
      ROSENBROCK,
      "--from",
      "x=-1.2,y=1",
      "--compare",
      "newton,bfgs,lbfgs,gd",
      "--steps",
      "200",
    ]);
    expect(compare.map((r: { method: string; verdict: string }) => [r.method, r.verdict])).toEqual([
      ["newton", "minimum"],
      ["bfgs", "minimum"],
      ["lbfgs", "minimum"],
      ["gd", "still descending"],
    ]);
    const picture = join(folder, "path.svg");
    expect(gradus(["minimize", ROSENBROCK, "--from", "x=-1.2,y=1", "--svg", picture]).code).toBe(0);
    expect(readFileSync(picture, "utf8")).toMatch(
      /^<svg[\s\S]*<path class="curve[^>]* d="M[\d. L]+"[\s\S]*<\/svg>\n$/,
    );
    gradus(["minimize", ROSENBROCK, "--from", "x=-1.2,y=1", "--compare", "newton,bfgs", "--svg", picture]);
    const both = readFileSync(picture, "utf8");
    expect(both.match(/<path class="dots /g)).toHaveLength(2);
    expect(both).toMatch(/newton[\s\S]*bfgs/);
  });
});

describe("solve", () => {
  it("finds a root, and shows the digits double", () => {
    const answer = json(["solve", "cos x = x", "--from", "x=1"]);
    expect(answer.root).toBeCloseTo(0.7390851332151607, 15);
    expect(answer.steps.length).toBeLessThan(7);
    expect(json(["solve", "x^2 = a", "a=2"]).root).toBeCloseTo(Math.SQRT2, 15);
    expect(json(["solve", "x = cos x"]).root).toBeCloseTo(0.7390851332151607, 15);
    expect(json(["solve", "e^x - 3"]).root).toBeCloseTo(Math.log(3), 15);
    expect(json(["solve", "atan(x) = 0", "--from", "x=5"]).root).toBeCloseTo(0, 12);
  });
});

const MISRA = `y,x
10.07,77.6
14.73,114.9
17.94,141.1
23.93,190.8
29.61,239.9
35.18,289.0
40.02,332.8
44.82,378.4
50.76,434.8
55.05,477.3
61.01,536.8
66.40,593.1
75.47,689.1
81.78,760.0
`;
const MODEL = "y = b1 (1 - exp(-b2 x))";

describe("fit", () => {
  it("NIST's Misra1a: certified values, from a start and without one", () => {
    const path = file("misra.csv", MISRA);
    for (const start of [["--start", "b1=500,b2=0.0001"], []]) {
      const answer = json(["fit", path, "--model", MODEL, ...start]);
      expect(answer.parameters).toEqual([
        expect.objectContaining({
          name: "b1",
          value: expect.closeTo(238.94212918, 6),
          standardError: expect.closeTo(2.7070075241, 8),
        }),
        expect.objectContaining({
          name: "b2",
          value: expect.closeTo(5.5015643181e-4, 13),
          standardError: expect.closeTo(7.2668688436e-6, 14),
        }),
      ]);
      expect(answer.residualSumOfSquares).toBeCloseTo(0.12455138894, 10);
      expect(answer.degreesOfFreedom).toBe(12);
    }
    const { out } = gradus(["fit", path, "--model", MODEL]);
    expect(out).toMatch(/b1\s+238.94212918\s+2.70701/);
    expect(out).toMatch(/residuals over fitted values/);
  });
  it("a spreadsheet's export: BOM, semicolons, decimal commas, quotes, CRLF, text in a column that is not used", () => {
    const path = file(
      "export.csv",
      '\uFEFF"x";"y";note\r\n1,5;3,1;"a;b"\r\n2,5;5,0;\r\n"3,5";7,05;c\r\n4,5;9,0;d\r\n',
    );
    const answer = json(["fit", path, "--model", "y = a x + b"]);
    expect(answer.parameters[0].value).toBeCloseTo(1.975, 10);
    expect(answer.observations).toBe(4);
  });
  it("empty lines between rows, UTF-16 and Windows' own letters, as Excel saves text", () => {
    const rows = "x\ty\tGröße\r\n1\t2\t\r\n\r\n2\t4\tklein\r\n3\t6.1\tgroß\r\n\r\n";
    const [wide, narrow] = [join(folder, "wide.txt"), join(folder, "narrow.csv")];
    writeFileSync(wide, Buffer.from(`\uFEFF${rows}`, "utf16le"));
    writeFileSync(narrow, Buffer.from(rows, "latin1"));
    for (const path of [wide, narrow, file("plain.csv", rows)]) {
      const answer = json(["fit", path, "--model", "y = a x"]);
      expect(answer.observations).toBe(3);
      expect(answer.parameters[0].value).toBeCloseTo(2.0214, 4);
    }
    const { error } = gradus(["fit", file("late.csv", "x,y\n\n1,2\n2,b\n"), "--model", "y = a x"]);
    expect(error).toMatch(/line 4, column y: expected a number, got "b"/);
  });
  it.each([
    ["thousands and quotes", 'x,y\n1,"1,000"\n2,"2,010.5"\n3,"2,990"\n', 1000, 2990],
    ["points between thousands", "x;y\n1;1.000\n2;2.010,5\n3;2.990\n", 1000, 2990],
    ["spaces between thousands", "x;y\n1;1 000,5\n2;2 010,5\n3;2\u202f990,5\n", 1000.5, 2990.5],
    ["apostrophes", "x;y\n1;1'000.5\n2;2'010.5\n3;2'990.5\n", 1000.5, 2990.5],
    ["percent", "x,y\n1,10%\n2,20.5 %\n3,31%\n", 0.1, 0.31],
    ["decimal points beside commas", "x;y\n0.123;1,5\n0.456;2,5\n0.789;3,75\n", 1.5, 3.75],
    ["a sign of typography", "x,y\n1,−2\n2,3\n3,4\n", -2, 4],
    ["Excel's first line", "sep=;\nx;y\n1;2\n2;3,1\n3;3,9\n", 2, 3.9],
    ["an empty last column", "x,y,\n1,2,\n2,3,\n3,5,\n", 2, 5],
    ["a cell of two lines", 'x,y,note\n1,2,"a\nb"\n2,3,c\n3,5,d\n', 2, 5],
  ])("reads %s", (_, text, first, last) => {
    // Through three points a parabola goes exactly.
    const path = file("style.csv", text);
    const { parameters } = json(["fit", path, "--model", "y = a + b x + c x^2"]);
    const [a, b, c] = ["a", "b", "c"].map(
      (n) => parameters.find((p: { name: string }) => p.name === n).value,
    );
    const x = text.includes("0.123") ? [0.123, 0.789] : [1, 3];
    expect(a + b * x[0] + c * x[0] ** 2).toBeCloseTo(first, 9);
    expect(a + b * x[1] + c * x[1] ** 2).toBeCloseTo(last, 9);
  });
  it("a header of words and a unit has a plain name, and may stand in quotes", () => {
    const path = file("units.csv", '"Time (s)","Flow (m³/s)",e,2020\n0,1,5,1\n1,2.1,6,3\n2,2.9,8,5\n');
    for (const model of ["Flow = a + b Time", '"Flow (m³/s)" = a + b * "Time (s)"']) {
      const { out } = gradus(["fit", path, "--model", model]);
      expect(out).toMatch(/Flow is the column "Flow \(m³\/s\)"/);
      expect(out).toMatch(/b +0.95 /);
    }
    expect(gradus(["fit", path, "--model", 'e = a + b "2020"']).error).toMatch(
      /write the column as column_3/,
    );
    expect(gradus(["fit", path, "--model", '"e" = a + b "2020"']).out).toMatch(/b +0.75/);
  });

  it("a function of a column on the left; bounds, weights, robust loss", () => {
    const rows = [1, 2, 3, 4, 5, 6].map((t) => `${t},${Math.exp(1 + 0.5 * t)},${t}`);
    const path = file("log.csv", `t,y,w\n${rows.join("\n")}\n`);
    expect(
      json(["fit", path, "--model", "log(y) = a + b t", "--weights", "w"]).parameters[1].value,
    ).toBeCloseTo(0.5, 10);
    expect(json(["fit", path, "--model", "log(y) = a + b t", "--bounds", "b=:0.4"]).parameters[1].value).toBe(
      0.4,
    );
    expect(
      json(["fit", path, "--model", "log(y) = a + b t", "--loss", "huber", "--scale", "0.1"]).loss.name,
    ).toBe("huber");
  });
});

describe("a bad call gets one clear line", () => {
  const good = file("good.csv", MISRA);
  it.each([
    [["minimize", "x^3"], 1, /unbounded below: along \(x −1\)/],
    [["minimize", "x^2", "--from", "x=5", "--bounds", "x=0:1"], 2, /start x = 5 is outside its bounds/],
    [["minimize", "x^2", "--bounds", "x=1:0"], 2, /bounds of x are crossed: 1 > 0/],
    [["minimize", "x^2", "--bounds", "x=0:1", "--method", "newton"], 2, /bounds need the method "lbfgs"/],
    [["minimize", "x^2", "--method", "adam", "--rate", "exact"], 2, /the rate "exact" is for gd/],
    [["minimize", "x^2 > 1"], 2, /minimize needs a number: x\^2 > 1 is a comparison|x² > 1 is a comparison/],
    [["minimize", "log(x)", "--from", "x=-1"], 1, /start is outside the function's domain: ln\(x\)|log\(x\)/],
    [["minimize", "x^2", "--method", "bogus"], 2, /no method bogus: choose one of gd/],
    [["minimize", "x y", "--from", "x=1"], 2, /y has no start/],
    [["minimize", "x^2", "--rate", "-1"], 2, /positive number/],
    [["minimize", "x^2", "--bounds", "x=1"], 2, /expected lower and upper bound/],
    [["minimize", "x^2", "--bounds", "q=0:1"], 2, /q is not a variable/],
    [["minimize", "[x, x]"], 2, /needs one number/],
    [["minimize", "2 + 2"], 2, /no variable/],
    [["minimize", "x^2", "--steps", "0"], 2, /whole number from 1/],
    [["minimize", "x^2", "--svg", join(folder, "a.svg")], 2, /two variables/],
    [["hessian", "X w", "X=[[1,2],[3,4]]", "w=[1,2]"], 2, /Hessian is of one number/],
    [["hessian", "log(x)", "x=-1"], 1, /positive number/],
    [["hessian", "x y", "x=1"], 2, /y has no value/],
    [["hessian", "x^2 > 1"], 2, /is a comparison/],
    [["solve", "x == 2"], 2, /solve needs a number: .* is a comparison.*write = once/],
    [["solve", "[x, 1] = 2"], 2, /one number on each side, got the shape \[2\]/],
    [["solve", "x^2 = 2", "--from", "y=1"], 2, /y is not a variable here/],
    [["solve", "x^2 + 1 = 0"], 1, /no root was found/],
    [["solve", "x^2 + 1", "--from", "x=1"], 1, /minimum of|slope is/],
    [["solve", "x y = 1"], 2, /y has no value|x has no value/],
    [["solve", "2 = 3"], 2, /no variable/],
    [["fit", "/nowhere.csv", "--model", MODEL], 2, /cannot be read/],
    [["fit", good], 2, /required option/],
    [["fit", good, "--model", "q = b1 x"], 2, /q, on the left of the model, is no column.*y, x/],
    [
      ["fit", good, "--model", "y = b1 x", "--start", "b1=1,b2=3"],
      2,
      /b2 has a start, but the model does not use it/,
    ],
    [["fit", good, "--model", "y = a b x"], 1, /cannot tell a and b apart/],
    [["fit", good, "--model", "y = a x", "--loss", "l3"], 2, /no loss "l3"/],
    [
      ["fit", file("text.csv", "x,y\n1,2\n2,abc\n"), "--model", "y = a x"],
      2,
      /line 3, column y: expected a number, got "abc"/,
    ],
    [
      ["fit", file("gap.csv", "x,y\n1,2\n,4\n"), "--model", "y = a x"],
      2,
      /line 3, column x: the cell is empty/,
    ],
    [
      ["fit", file("one.csv", "x,y\n1,2\n"), "--model", "y = a x + b"],
      1,
      /2 parameters \(a, b\) need at least 2 rows of data; there is 1/,
    ],
    [
      ["fit", file("named.csv", "t,y\n1,2\n2,3\n4,4\n"), "--model", "y = a x + b"],
      1,
      /cannot tell a and x apart.*parameters are the names that are no column \(columns: t, y\)/,
    ],
    [["fit", good, "--model", "y = b1 x", "--loss", "huber", "--scale", "-1"], 2, /scale: expected a number/],
    [["fit", good, "--model", "y = b1 x", "--start", "b1=1e999"], 2, /1e999 is beyond the largest float/],
    [["fit", good, "--model", "y = [b1, x]"], 2, /one number for each row, got shape \[2\]/],
    [
      ["fit", file("huge.csv", "x,y\n1,2\n1e999,3\n"), "--model", "y = a x"],
      2,
      /line 3, column x: expected a number, got "1e999"/,
    ],
    [
      ["fit", file("comma.csv", "x,y\n1,5,2\n"), "--model", "y = a x"],
      2,
      /line 2 has 3 cells, the header has 2; decimal commas need semicolons/,
    ],
    [["fit", file("bare.csv", "1,2\n3,4\n"), "--model", "y = a x"], 2, /expected a header/],
    [
      ["fit", file("date.csv", "t,y\n2024-01-01,1\n2024-01-02,2\n"), "--model", "y = a t"],
      2,
      /line 2, column t: "2024-01-01" is a date/,
    ],
    [
      ["fit", file("unclear.tsv", "x\ty\n1\t1,250\n2\t2,500\n"), "--model", "y = a x"],
      2,
      /"1,250" may be 1.250 or 1250/,
    ],
    [["fit", file("empty.csv", ""), "--model", "y = a x"], 2, /the file is empty/],
    [["fit", file("head.csv", "x,y\n"), "--model", "y = a x"], 2, /no rows below the header/],
    [
      ["fit", file("ragged.csv", "x,y\n1,2\n3\n"), "--model", "y = a x"],
      2,
      /line 3 has 1 cell, the header has 2$/m,
    ],
    [["fit", file("twice.csv", "x,x\n1,2\n"), "--model", "x = a"], 2, /two columns are named x/],
  ] as const)("%s", (args, code, message) => {
    const answer = gradus(args);
    expect(answer.error).toMatch(message);
    expect(answer.code).toBe(code);
    expect(answer.error).not.toMatch(/\n\s+at /);
    expect(answer.error.trim().split("\n").length).toBe(1);
  });
});

describe("what is printed reads as a person writes it", () => {
  it.each([
    [["minimize", "x^2", "--from", "x=1", "--steps", "1"], /after 1 step, 2 evaluations/],
    [["solve", "sin(x) = x/4", "--on", "-1,1"], /x = 0 +exact +exactly one root, proven/],
    [["hessian", "x^T A x", "x=[1,2]", "A=[[2,1],[1,3]]"], /∂\/∂A\[1,0\] +2/],
    [["hessian", "x^T A x", "x=[1,2]", "A=[[2,1],[1,3]]"], /eigenvalues: [^e]*$/m],
    [["limit", "sin(x)/x", "--at", "x=0"], /f\(0\) has no finite value/],
  ] as const)("%s", (args, expected) => {
    expect(gradus(args).out).toMatch(expected);
  });
});
