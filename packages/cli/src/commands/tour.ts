import type { Command } from "commander";
import { number, paint, print, printJson, value } from "../output.ts";
import { plotInTerminal } from "../plot/terminal.ts";
import { type Figure, figures } from "../tour/figures.ts";
import { loadPenguins, SPECIES, type Training, trainNeuron } from "../tour/neuron.ts";

const STEPS = 400;
const RATE = 0.5;

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
  const list = figures();
  const data = loadPenguins();
  const training = trainNeuron(data, STEPS, RATE, options.json ? () => {} : progress);
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
    });
  } else {
    clearProgress();
    showFigures(list);
    showTraining(training, data.train.count, data.test.count);
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

function showFigures(list: readonly Figure[]): void {
  print(paint("bold", "The lecture, figure by figure"));
  let section = "";
  for (const f of list) {
    if (f.section !== section) print(`\n  ${paint("cyan", f.section)}`);
    section = f.section;
    const mark = f.holds ? paint("green", "✓") : paint("red", "✗");
    print(`    ${mark} ${f.says.padEnd(50)} ${paint("dim", "computed")} ${f.computed}`);
    if (f.derivation) print(paint("dim", f.derivation.replace(/^/gm, "        ")));
  }
  const right = list.filter((f) => f.holds).length;
  print(`\n  ${right} of ${list.length} figures come out as the lecture prints them.`);
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
    `\n${paint("bold", "The neuron σ(w·x + b) learns on penguins")}: ${SPECIES.join(" or ")}, from four measurements\n`,
  );
  print(`  ${rows} rows to learn from, ${STEPS} steps of gradient descent on ½(y − ŷ)², η = ${RATE}`);
  print(`  loss by step, ${number(t.losses[0], 4)} → ${number(t.losses[t.losses.length - 1], 4)}\n`);
  const descent = { variable: "step", from: 1, to: STEPS, curves: [{ name: "loss", y: t.losses }] };
  print(`${plotInTerminal(descent, 60, 10)}\n`);
  print(`  w = ${value(t.neuron.w)} (bill length, bill depth, flipper, mass; standardised)`);
  print(`  b = ${value(t.neuron.b)}`);
  print(
    `  on ${held} rows held out: ${paint("bold", percent(t.accuracy))} right; guessing the majority gets ${percent(t.majority)}`,
  );
}
