import { existsSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import { wholeNumber } from "../input.ts";
import type { Finding } from "../lesson/site.ts";
import { print } from "../output.ts";
import { openBrowser } from "../serve/open-browser.ts";
import { type Answer, serve } from "../serve/static-server.ts";

interface ServeOptions {
  port: string;
  host: string;
  open: boolean;
}

const DEFAULT_PORT = "4280";

export function addLesson(program: Command): void {
  const lesson = program
    .command("lesson")
    .description("lessons: Markdown with live blocks, served, built or checked");
  lesson
    .command("serve")
    .description("a folder of lessons in the browser, shown anew when a file is saved")
    .argument("<folder>", "where the Markdown files are")
    .option("--port <n>", "where to listen; the next free one is taken", DEFAULT_PORT)
    .option("--host <address>", "who may reach it: this machine alone, unless told", "127.0.0.1")
    .option("--no-open", "do not open a browser")
    .action((folder: string, options: ServeOptions) => serveLessons(folder, options));
  lesson
    .command("build")
    .description("static pages that work without a server and without a network")
    .argument("<folder>", "where the Markdown files are")
    .option("--out <folder>", "where the pages are written", "lessons-site")
    .action((folder: string, options: { out: string }) => buildLessons(folder, options.out));
  lesson
    .command("check")
    .description("whether every block works and every stated number is the computed one")
    .argument("<folder>", "where the Markdown files are")
    .option("--json", "answer as JSON")
    .action((folder: string, options: { json?: boolean }) => checkLessons(folder, options.json));
  for (const command of lesson.commands) command.exitOverride();
}

/** What reads and draws lessons is loaded where it is used: the other commands start without it. */
async function tools() {
  const [folder, { watchFolder }, site, { LessonRenderer }, { lessonStyle }] = await Promise.all([
    import("../lesson/folder.ts"),
    import("../lesson/watch.ts"),
    import("../lesson/site.ts"),
    import("../lesson/renderer.ts"),
    import("gradus-lesson"),
  ]);
  return { ...folder, ...site, watchFolder, renderer: new LessonRenderer(), lessonStyle };
}

const written = (f: Finding): string => `  ${f.path}:${f.line}: ${f.text}`;

async function checkLessons(given: string, asJson = false): Promise<void> {
  const t = await tools();
  const folder = t.folderOf(given);
  const lessons = t.lessonsIn(folder);
  if (lessons.length === 0)
    throw new UsageError(`there is no lesson in ${given}: a lesson is a file that ends in .md`);
  const rows: { path: string; blocks: number; findings: readonly Finding[] }[] = [];
  try {
    for (const l of lessons) {
      const { blocks, findings } = await t.drawPage(l, t.renderer, { folder, all: lessons });
      rows.push({ path: l.path, blocks, findings });
      if (!asJson)
        print(
          `  ${findings.length === 0 ? "✓" : "✗"} ${l.path}: ${blocks} ${blocks === 1 ? "block or formula" : "blocks and formulas"}`,
        );
      if (!asJson) for (const f of findings) print(`  ${written(f)}`);
    }
  } finally {
    t.renderer.close();
  }
  if (asJson) print(JSON.stringify({ lessons: rows }, null, 2));
  const wrong = rows.reduce((sum, r) => sum + r.findings.length, 0);
  if (wrong > 0) throw new Error(`${wrong} ${wrong === 1 ? "thing is" : "things are"} wrong`);
}

async function buildLessons(given: string, out: string): Promise<void> {
  const t = await tools();
  try {
    const pages = await t.buildSite(t.folderOf(given), out, t.renderer);
    for (const f of pages.flatMap((p) => p.findings)) print(written(f));
    print(
      `  ${pages.length} ${pages.length === 1 ? "lesson" : "lessons"} in ${out}: open ${join(out, "index.html")}`,
    );
  } finally {
    t.renderer.close();
  }
}

async function serveLessons(given: string, { port, host, open }: ServeOptions): Promise<void> {
  const asked = wholeNumber("--port", port, 0, 65_535);
  const t = await tools();
  const folder = t.folderOf(given);
  const assets = t.assetsFolder();
  const listeners = new Set<ServerResponse>();
  const page = async (path: string): Promise<Answer | undefined> => {
    const all = t.lessonsIn(folder);
    const lesson = all.find((l) => t.pageOf(l.path) === path);
    if (!lesson && (path === "" || path === "index.html")) return { type: HTML, body: t.indexOf(all, true) };
    // Scripts and pages that lie beside a lesson are not served: it may be a stranger's.
    if (!lesson) return PICTURE.test(path) ? undefined : NO_PAGE;
    const { html, findings } = await t.drawPage(lesson, t.renderer, { folder, all, reload: true });
    for (const f of findings) print(written(f));
    return { type: HTML, body: html };
  };
  const inTurn = queue();
  const { url, port: got } = await serve({
    folder,
    host,
    port: asked,
    answer: (path, _, response) => {
      const name = path.slice(1);
      if (name === `${t.ASSETS}/changes`) return listen(listeners, response);
      if (name === `${t.ASSETS}/lesson.css`) return { type: "text/css; charset=utf-8", body: t.lessonStyle };
      const asset = name.startsWith(`${t.ASSETS}/`) ? TYPES[name.slice(t.ASSETS.length + 1)] : undefined;
      const file = join(assets, name.slice(t.ASSETS.length + 1));
      if (asset && existsSync(file)) return { type: asset, body: readFileSync(file) };
      return inTurn(() => page(name));
    },
  });
  t.watchFolder(folder, (name) => {
    // A name without an ending is a folder's.
    if (name === null || /^[^.]*$|\.md$/i.test(name) || PICTURE.test(name))
      for (const l of listeners) l.write("data: changed\n\n");
  });
  if (asked !== 0 && got !== asked) print(`  port ${asked} is taken: using ${got}`);
  print(`  Lessons of ${given}: ${url}\n  stop with Ctrl C`);
  if (open) openBrowser(url);
}

const HTML = "text/html; charset=utf-8";
const PICTURE = /\.(png|jpe?g|gif|svg|webp|avif)$/i;
const NO_PAGE: Answer = { status: 404, type: HTML, body: "there is no such lesson" };

const TYPES: Readonly<Record<string, string>> = {
  "live.js": "text/javascript; charset=utf-8",
  "work.js": "text/javascript; charset=utf-8",
  "math.woff2": "font/woff2",
  "icon.svg": "image/svg+xml",
};

/** A page that waits to be told that a file was saved. */
function listen(listeners: Set<ServerResponse>, response: ServerResponse): "done" {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.write("retry: 1000\n\n");
  listeners.add(response);
  response.on("close", () => listeners.delete(response));
  return "done";
}

/** One after the other: there is one renderer. */
function queue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}
