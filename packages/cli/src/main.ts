#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { addCheck } from "./commands/check.ts";
import { addDerive } from "./commands/derive.ts";
import { addEval } from "./commands/eval.ts";
import { addFit } from "./commands/fit.ts";
import { addGrad } from "./commands/grad.ts";
import { addGraph } from "./commands/graph.ts";
import { addHessian } from "./commands/hessian.ts";
import { addLesson } from "./commands/lesson.ts";
import { addLimit } from "./commands/limit.ts";
import { addMinimize } from "./commands/minimize.ts";
import { addPlot } from "./commands/plot.ts";
import { addSolve } from "./commands/solve.ts";
import { addStudio } from "./commands/studio.ts";
import { addTaylor } from "./commands/taylor.ts";
import { addTour } from "./commands/tour.ts";
import { explain } from "./errors.ts";

function program(): Command {
  const root = new Command("gradus")
    .description("The calculus of deep learning: derive, evaluate, backpropagate and expand what you type.")
    .version("0.1.0")
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .addHelpText("after", "\nExit codes: 0 done, 1 the maths failed, 2 the call was wrong.");
  const commands = [
    addDerive,
    addCheck,
    addEval,
    addGrad,
    addGraph,
    addLimit,
    addPlot,
    addTaylor,
    addHessian,
    addMinimize,
    addSolve,
    addFit,
    addTour,
    addStudio,
    addLesson,
  ];
  for (const add of commands) add(root);
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
  await program().parseAsync([...process.argv.slice(0, 2), ...process.argv.slice(2).map(shielded)]);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const { text, code } = explain(error);
    process.stderr.write(`gradus: ${text}\n`);
    process.exitCode = code;
  }
}
