// Makes bench/expressions.json: 200 random expressions of 5 to 200 nodes, in the words that mathjs and SymPy share.
// Run: node bench/make-expressions.mjs
import { writeFileSync } from "node:fs";

let state = 42;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const pick = (list) => list[Math.floor(random() * list.length)];

function expression(size) {
  if (size <= 1) return pick(["x", "x", "2", "3", "5"]);
  if (size <= 3 || random() < 0.3)
    return `${pick(["sin", "cos", "exp", "tanh", "sqrt", "log", "atan"])}(${expression(size - 1)})`;
  if (random() < 0.2) return `(${expression(size - 2)})^${pick(["2", "3"])}`;
  const left = 1 + Math.floor(random() * (size - 2));
  return `(${expression(left)}) ${pick(["+", "-", "*", "/"])} (${expression(size - 1 - left)})`;
}

const list = [];
while (list.length < 200) {
  const text = expression(5 + Math.floor((list.length / 199) * 195));
  if (text.includes("x")) list.push(text);
}
writeFileSync(
  new URL("./expressions.json", import.meta.url),
  `${JSON.stringify(list, null, 0).replaceAll('",', '",\n')}\n`,
);
