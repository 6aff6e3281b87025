#!/usr/bin/env node
import * as nodeModule from "node:module";
import { Command, CommanderError } from "commander";

/** Each command is loaded when it is asked for: `derive` need not read what `minimize` does. */
const COMMANDS: Readonly<Record<string, () => Promise<(root: Command) => void>>> = {
  derive: async () => (await import("./commands/derive.ts")).addDerive,
  check: async () => (await import("./commands/check.ts")).addCheck,
  eval: async () => (await import("./commands/eval.ts")).addEval,
  grad: async () => (await import("./commands/grad.ts")).addGrad,
  graph: async () => (await import("./commands/graph.ts")).addGraph,
  limit: async () => (await import("./commands/limit.ts")).addLimit,
  plot: async () => (await import("./commands/plot.ts")).addPlot,
  taylor: async () => (await import("./commands/taylor.ts")).addTaylor,
  hessian: async () => (await import("./commands/hessian.ts")).addHessian,
  minimize: async () => (await import("./commands/minimize.ts")).addMinimize,
  solve: async () => (await import("./commands/solve.ts")).addSolve,
  fit: async () => (await import("./commands/fit.ts")).addFit,
  tour: async () => (await import("./commands/tour.ts")).addTour,
  studio: async () => (await import("./commands/studio.ts")).addStudio,
  lesson: async () => (await import("./commands/lesson.ts")).addLesson,
};

// Where Node can (22 and newer), what is loaded from here on is compiled once and kept.
(nodeModule as { enableCompileCache?: () => void }).enableCompileCache?.();

/** With the command named; with all of them where help or a mistyped name wants the list. */
async function program(name: string | undefined): Promise<Command> {
  const root = new Command("gradus")
    .description("The calculus of deep learning: derive, evaluate, backpropagate and expand what you type.")
    .version("0.1.0")
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .addHelpText("after", "\nExit codes: 0 done, 1 the maths failed, 2 the call was wrong.");
  const named =
    name !== undefined && Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]] : Object.values(COMMANDS);
  for (const add of await Promise.all(named.map((load) => load()))) add(root);
  for (const command of root.commands) command.exitOverride();
  return root;
}

// A reader that has seen enough, such as head, closes the pipe: no fault of the call.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

/** An expression may begin with a minus: -x^2 is no option. */
const shielded = (argument: string): string =>
  /^-[^-]/.test(argument) && argument !== "-h" && argument !== "-V" ? ` ${argument}` : argument;

try {
  const root = await program(process.argv[2]);
  await root.parseAsync([...process.argv.slice(0, 2), ...process.argv.slice(2).map(shielded)]);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const { explain } = await import("./errors.ts");
    const { text, code } = explain(error);
    process.stderr.write(`gradus: ${text}\n`);
    process.exitCode = code;
  }
}
