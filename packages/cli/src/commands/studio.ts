import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import { wholeNumber } from "../input.ts";
import { print } from "../output.ts";
import { openBrowser } from "../serve/open-browser.ts";
import { serve } from "../serve/static-server.ts";

interface Options {
  port: string;
  host: string;
  open: boolean;
}

export const DEFAULT_PORT = "4270";

export function addStudio(program: Command): void {
  program
    .command("studio")
    .description("the Studio: functions, graphs, Taylor, descent, a neuron, in the browser")
    .option("--port <n>", "where to listen; the next free one is taken", DEFAULT_PORT)
    .option("--host <address>", "who may reach it: this machine alone, unless told", "127.0.0.1")
    .option("--no-open", "do not open a browser")
    .action((options: Options) => studio(options));
}

async function studio({ port, host, open }: Options): Promise<void> {
  const asked = wholeNumber("--port", port, 0, 65_535);
  // Beside the bundled command.
  const folder = fileURLToPath(new URL("./studio", import.meta.url));
  if (!existsSync(folder)) throw new UsageError("the Studio is not built: run npm run build");
  const { url, port: got } = await serve({ folder, host, port: asked });
  if (asked !== 0 && got !== asked) print(`  port ${asked} is taken: using ${got}`);
  print(`  Gradus Studio: ${url}\n  stop with Ctrl C`);
  if (open) openBrowser(url);
}
