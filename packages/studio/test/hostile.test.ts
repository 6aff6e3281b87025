import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { read } from "../src/lib/reading.ts";
import { asDefault, readAddress, writeAddress } from "../src/state/address.ts";

/** What breaks out of pages, files and parsers elsewhere. */
const PIECES = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "javascript:alert(1)",
  "\\href{javascript:alert(1)}{x}",
  "\\url{x}",
  "\\includegraphics{x}",
  "\\def\\a{\\a\\a}\\a",
  "\\newcommand{\\x}{\\x}\\x",
  "#{alert(1)}",
  "__proto__",
  "constructor",
  "toString()",
  "../../etc/passwd",
  "%00",
  "\u0000",
  "\u202e",
  "10^10^10^10",
  "99999!",
  "x^(10^9)",
  "((((((((((((((((((((((((((((((((",
  "\\frac{",
  "{{{{{{{{{{",
  "e^e^e^e^e^e^x",
  "sin(",
  "|x|",
  "x",
  " ",
  ";",
  "=",
  "]",
];
const hostile = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "binary" })), {
  maxLength: 12,
});

describe("a line of maths from a stranger", () => {
  it("is read or refused in words, at once", () => {
    fc.assert(
      fc.property(hostile, (parts) => {
        const text = parts.join("");
        const reading = read(text);
        if (reading.ok) {
          // Nothing in what is typeset leads out of the formula.
          expect(reading.latex).not.toMatch(/\\(href|url|includegraphics|def|newcommand|html\w*)\b/);
          expect(reading.latex).not.toContain("<");
        } else {
          expect(reading.message.length).toBeGreaterThan(3);
          expect(reading.message).not.toMatch(/\n\s+at |undefined|RangeError|call stack/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a link from a stranger", () => {
  it("is read to fields of known form, whatever it holds", () => {
    fc.assert(
      fc.property(hostile, (parts) => {
        const { view, fields } = readAddress(`#/${parts.join("?")}&${parts.join("=")}`);
        expect(view).toMatch(/^[a-z]{0,30}$/);
        for (const name of Object.keys(fields)) expect(name).toMatch(/^[a-z][a-zA-Z0-9.]*$/);
        expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
        for (const value of Object.values(fields)) {
          expect(Number.isFinite(asDefault(value, 1))).toBe(true);
          expect(typeof asDefault(value, false)).toBe("boolean");
        }
      }),
      { numRuns: 1000 },
    );
  });
  it("comes back as it was written", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (f, at) => {
          const { view, fields } = readAddress(writeAddress("derive", { f, at }));
          expect([view, fields.f, asDefault(fields.at, 0)]).toEqual([
            "derive",
            f,
            at === 0 ? Number(String(at)) : at,
          ]);
        },
      ),
    );
  });
});

describe("an address typed by a person", () => {
  it.each([
    ["x^2+1", "x^2+1"],
    ["x^2 + 1", "x^2 + 1"],
    ["x%20y%2B1", "x y+1"],
  ])("means what it says: f=%s", (typed, meant) => {
    const { view, fields } = readAddress(`#/derive?f=${typed}&wrt=x`);
    expect([view, fields]).toEqual(["derive", { f: meant, wrt: "x" }]);
    expect(readAddress(writeAddress(view, fields)).fields).toEqual(fields);
  });
});
