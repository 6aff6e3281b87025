import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type Block, failed, type Lesson, type RenderedBlock, unreadable } from "gradus-lesson";

export type Asked =
  | { readonly kind: "read"; readonly markdown: string; readonly name: string }
  | { readonly kind: "block"; readonly block: Block; readonly quantities: ReadonlyMap<string, number> };

export interface Answered {
  readonly lesson?: Lesson;
  readonly block?: RenderedBlock;
}

export interface DrawnLesson {
  readonly lesson: Lesson;
  readonly rendered: readonly RenderedBlock[];
}

/** For one block, or for the reading of one lesson. */
const LIMIT = { milliseconds: 6_000, megabytes: 768 };
/** For all blocks of one lesson. */
const LESSON = { milliseconds: 60_000, characters: 20_000_000 };

/** Draws lessons in a worker, each block within a limit of time and memory. */
export class LessonRenderer {
  private worker: Worker | undefined;
  /** Ends the question that is asked now. */
  private end: (answer: Answered | string) => void = () => {};

  async read(markdown: string, name: string): Promise<Lesson> {
    const answer = await this.ask({ kind: "read", markdown, name });
    return typeof answer === "string" || !answer.lesson
      ? unreadable(name, `the lesson cannot be read: ${answer}`)
      : answer.lesson;
  }

  async draw(markdown: string, name: string): Promise<DrawnLesson> {
    const lesson = await this.read(markdown, name);
    const rendered: RenderedBlock[] = [];
    const end = performance.now() + LESSON.milliseconds;
    let characters = 0;
    for (const block of lesson.blocks) {
      const over =
        performance.now() > end
          ? `took more than ${LESSON.milliseconds / 1000} s`
          : characters > LESSON.characters && `shows more than ${LESSON.characters} characters`;
      if (over) {
        rendered.push(failed(`the lesson ${over}: this is not drawn`));
        continue;
      }
      const drawn = await this.ask({ kind: "block", block, quantities: lesson.quantities });
      characters += typeof drawn === "string" ? 0 : (drawn.block?.html.length ?? 0);
      rendered.push(typeof drawn === "string" || !drawn.block ? failed(String(drawn)) : drawn.block);
    }
    return { lesson, rendered };
  }

  close(): void {
    void this.worker?.terminate();
    this.worker = undefined;
  }

  /** The answer, or why there is none. */
  private ask(asked: Asked): Promise<Answered | string> {
    this.worker ??= this.started();
    this.worker.postMessage(asked);
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => this.end(`this took more than ${LIMIT.milliseconds / 1000} s and was stopped`),
        LIMIT.milliseconds,
      );
      this.end = (answer) => {
        clearTimeout(timer);
        if (typeof answer === "string") this.close();
        resolve(answer);
      };
    });
  }

  private started(): Worker {
    // Beside the bundled command.
    const worker = new Worker(fileURLToPath(new URL("./lesson-worker.js", import.meta.url)), {
      resourceLimits: { maxOldGenerationSizeMb: LIMIT.megabytes },
    });
    // What an ended worker still says is of no interest.
    const told = (answer: Answered | string) => {
      if (worker === this.worker) this.end(answer);
    };
    worker.on("message", told);
    worker.on("error", (error: NodeJS.ErrnoException) =>
      told(
        error.code === "ERR_WORKER_OUT_OF_MEMORY"
          ? `this took more than ${LIMIT.megabytes} MB of memory and was stopped`
          : error.message,
      ),
    );
    worker.on("exit", (code) => told(`the worker ended with code ${code}`));
    return worker;
  }
}
