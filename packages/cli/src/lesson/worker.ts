/** Reads lessons and draws their blocks beside the command, so that what takes too long or too much can be ended. */
import { parentPort } from "node:worker_threads";
import { readLesson, renderBlock } from "gradus-lesson";
import type { Answered, Asked } from "./renderer.ts";

parentPort?.on("message", async (asked: Asked) => {
  const answer: Answered =
    asked.kind === "read"
      ? { lesson: readLesson(asked.markdown, asked.name) }
      : { block: await renderBlock(asked.block, asked.quantities) };
  parentPort?.postMessage(answer);
});
