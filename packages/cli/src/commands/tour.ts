import type { Command } from "commander";
export function addTour(program: Command): void {
  program.command("tour").action(() => {});
}
