import { parse } from "gradus/math";
import { expect, it } from "vitest";
import { textbook } from "./textbook.ts";

it.each(textbook)("the derivative of %s reads %s", (source, printed) => {
  expect(String(parse(source, { variables: ["x"] }).derivative("x"))).toBe(printed);
});
