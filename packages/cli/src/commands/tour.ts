import type { Command } from "commander";
import { number, padded, paint, print, printJson, table, value } from "../output.ts";
import { plotInTerminal } from "../plot/terminal.ts";
import { type Section, typeset } from "../tour/figures.ts";
import { lecture } from "../tour/lecture.ts";
import { compareMethods, loadPenguins, SPECIES, type Training, trainNeuron } from "../tour/neuron.ts";

const STEPS = 400;
const RATE = 0.5;
/** Steps of the comparison of methods. */
const COMPARED = 8;

export function addTour(program: Command): void {
  program
    .command("tour")
    .description(
      "every worked figure of the lecture, computed and checked; then its neuron learns on real data",
    )
    .option("--json", "answer as JSON")
    .action((options: { json?: boolean }) => tour(options));
}

function tour(options: { json?: boolean }): void {
  const sections = lecture();
  const list = sections.flatMap(({ title, figures }) =>
    figures.map((f) => ({ section: title.trim(), ...f })),
  );
  const data = loadPenguins();
  const training = trainNeuron(data, STEPS, RATE, options.json ? () => {} : progress);
  const methods = compareMethods(data, COMPARED, RATE);
  if (options.json) {
    printJson({
      figures: list,
      training: {
        steps: STEPS,
        rate: RATE,
        rows: data.train.count,
        heldOut: data.test.count,
        ...summary(training),
      },
      methods: Object.fromEntries(Object.entries(methods).map(([name, m]) => [name, m.steps.map(stepJson)])),
    });
  } else {
    clearProgress();
    showLecture(sections);
    showTraining(training, data.train.count, data.test.count);
    showMethods(methods);
    const right = list.filter((f) => f.holds).length;
    print(`\n  ${right} of ${list.length} figures come out as the lecture prints them.`);
    print(
      paint("dim", "  To touch all of this: gradus studio, and the lessons: gradus lesson serve lessons"),
    );
  }
  if (list.some((f) => !f.holds)) throw new Error("a figure of the lecture did not come out as printed");
}

function summary(t: Training): Record<string, unknown> {
  return {
    firstLoss: t.losses[0],
    lastLoss: t.losses[t.losses.length - 1],
    accuracy: t.accuracy,
    majority: t.majority,
    weights: t.neuron.w.toArray(),
    bias: t.neuron.b.item(),
  };
}

const WIDTH = 92;

function showLecture(sections: readonly Section[]): void {
  print(paint("bold", "The lecture, part by part, computed and checked"));
  for (const { title, says, figures, shown } of sections) {
    print(`\n  ${paint("bold", paint("cyan", title))}`);
    for (const line of wrapped(says)) print(paint("dim", `      ${line}`));
    for (const f of figures) {
      const mark = f.holds ? paint("green", "✓") : paint("red", "✗");
      print(`    ${mark} ${padded(f.says, 56)} ${f.computed}`);
      if (f.derivation) print(paint("dim", f.derivation.replace(/^/gm, "          ")));
    }
    if (shown) print(`\n${shown.replace(/^/gm, "      ")}`);
  }
}

function wrapped(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last !== "" && last.length + word.length + 1 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}

function progress(step: number, loss: number): void {
  if (!process.stderr.isTTY) return;
  const done = Math.round((step / STEPS) * 30);
  process.stderr.write(
    `\r  learning ${"█".repeat(done)}${"░".repeat(30 - done)} step ${step}/${STEPS}  loss ${loss.toFixed(4)}`,
  );
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}

function showTraining(t: Training, rows: number, held: number): void {
  const percent = (p: number) => `${(100 * p).toFixed(1)} %`;
  print(
    `\n  ${paint("bold", "The neuron σ(w·x + b) learns on penguins")}: ${SPECIES.join(" or ")}, from four measurements\n`,
  );
  print(`  ${rows} rows to learn from, ${STEPS} steps of gradient descent on ½(y − ŷ)², η = ${RATE}`);
  print(`  loss by step, ${number(t.losses[0], 4)} → ${number(t.losses[t.losses.length - 1], 4)}\n`);
  const descent = { variable: "step", from: 1, to: STEPS, curves: [{ name: "loss", y: t.losses }] };
  print(`${plotInTerminal(descent, 60, 10).replace(/^/gm, "  ")}\n`);
  print(`  w = ${typeset(value(t.neuron.w))} (bill length, bill depth, flipper, mass; standardised)`);
  print(`  b = ${typeset(value(t.neuron.b))}`);
  print(
    `  on ${held} rows held out: ${paint("bold", percent(t.accuracy))} right; guessing the majority gets ${percent(t.majority)}`,
  );
}

type Methods = ReturnType<typeof compareMethods>;
type MethodStep = Methods["gd"]["steps"][number];

const stepJson = ({ index, value, promised, actual, ratio }: MethodStep) => ({
  index,
  value,
  promised,
  actual,
  ratio,
});

/** What each method's local model promised at each step, and what came. */
function showMethods({ gd, newton }: Methods): void {
  print(
    `\n  ${paint("bold", "Each step of an optimizer trusts a Taylor polynomial of the loss")}: first order against second\n`,
  );
  const cells = (s: MethodStep | undefined) =>
    s ? [number(s.value, 4), number(s.promised, 3), number(s.actual, 3)] : ["", "", ""];
  const rows = Array.from({ length: COMPARED }, (_, i) => [
    String(i + 1),
    ...cells(gd.steps[i]),
    ...cells(newton.steps[i]),
  ]);
  print(table(["step", "gradient descent", "promised", "came", "Newton", "promised", "came"], rows));
  print(
    paint(
      "dim",
      `  loss after each step, and the decrease that the model promised and that came. The first order is cheap, so most of deep\n  learning stays with it (η = ${RATE}); the second knows the curvature and needs far fewer steps.`,
    ),
  );
}
