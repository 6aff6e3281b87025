import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const lessons = fileURLToPath(new URL("../../../lessons", import.meta.url));

function gradus(...args: string[]) {
  const run = spawnSync(process.execPath, [main, "lesson", ...args], { encoding: "utf8", timeout: 60_000 });
  return { code: run.status, out: run.stdout, error: run.stderr };
}

/** A folder of lessons, by file name. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "gradus-lesson-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe("gradus lesson check", () => {
  it("accepts the lecture", () => {
    const { code, out } = gradus("check", lessons);
    expect([code, out]).toEqual([0, expect.not.stringContaining("✗")]);
  });
  it("names file and line of what is wrong, and exits with 1", () => {
    const folder = folderWith({
      "a.md": "# A\n\nIt is :value{of=2+2 is=4}.\n",
      "part/b.md": "# B\n\n:value{of=2+2 is=5}\n",
    });
    const { code, out, error } = gradus("check", folder);
    expect(code).toBe(1);
    expect(out).toContain("✓ a.md");
    expect(out).toContain("part/b.md:3:");
    expect(error).toContain("1 thing is wrong");
    const { lessons: rows } = JSON.parse(gradus("check", folder, "--json").out);
    expect(rows[1].findings).toEqual([{ path: "part/b.md", line: 3, text: expect.stringContaining("5") }]);
  });
  it.each([
    ["no folder", join(tmpdir(), "gradus-not-there"), "there is no folder"],
    ["a file", main, "is a file"],
    ["an empty folder", mkdtempSync(join(tmpdir(), "gradus-empty-")), "there is no lesson"],
  ])("%s: one line, exit 2", (_, path, words) => {
    for (const command of ["check", "build"]) {
      const { code, error } = gradus(command, path);
      expect([code, error.trim().split("\n").length]).toEqual([2, 1]);
      expect(error).toContain(words);
    }
  });
});

describe("gradus lesson build", () => {
  it("writes pages with their figures in them, before any script runs", () => {
    const out = join(mkdtempSync(join(tmpdir(), "gradus-site-")), "site");
    expect(gradus("build", lessons, "--out", out).code).toBe(0);
    const page = readFileSync(join(out, "01-derivatives.html"), "utf8");
    expect(page).toContain("<svg");
    expect(page).toContain("<math");
    expect(page).toContain("default-src &#39;none&#39;");
    expect(readFileSync(join(out, "index.html"), "utf8")).toContain("01-derivatives.html");
    for (const asset of ["live.js", "work.js", "lesson.css", "math.woff2"])
      expect(existsSync(join(out, "_gradus", asset))).toBe(true);
    // Once more over itself.
    expect(gradus("build", lessons, "--out", out).code).toBe(0);
  });
  it("leaves alone a folder that holds something else, and the lessons themselves", () => {
    const mine = folderWith({ "thesis.txt": "years of work" });
    const { code, error } = gradus("build", lessons, "--out", mine);
    expect([code, error.trim().split("\n").length]).toEqual([2, 1]);
    expect(readFileSync(join(mine, "thesis.txt"), "utf8")).toBe("years of work");
    const own = folderWith({ "a.md": "# A\n" });
    expect(gradus("build", own, "--out", own).code).toBe(2);
    expect(readFileSync(join(own, "a.md"), "utf8")).toBe("# A\n");
  });
  it("takes no picture from outside the folder, not by a link either", () => {
    const folder = folderWith({ "a.md": "# A\n\n![x](secret.png)\n\n![y](../b.png)\n" });
    writeFileSync(join(folder, "..", "outside.png"), "secret");
    symlinkSync(join(folder, "..", "outside.png"), join(folder, "secret.png"));
    const out = join(folder, "..", `${folder.split("/").at(-1)}-site`);
    gradus("build", folder, "--out", out);
    expect(existsSync(join(out, "secret.png"))).toBe(false);
  });
  it("a block that would never end is stopped, and the rest is there", () => {
    const folder = folderWith({
      "a.md": `# A\n\n::derive{f="${"sin(".repeat(150)}x${")".repeat(150)}" order=4}\n\n:value{of=2+2}\n`,
    });
    const { code, out } = gradus("check", folder);
    expect(code === 0 || out.includes("a.md:3:")).toBe(true);
  });
});

describe("gradus lesson serve", () => {
  /** The server's lines until its address, and how to end it. */
  function served(...args: string[]): Promise<{ url: string; said: string; stop: () => void }> {
    const child = spawn(process.execPath, [main, "lesson", "serve", ...args, "--no-open"]);
    return new Promise((resolve, reject) => {
      let said = "";
      child.stdout.on("data", (chunk) => {
        said += chunk;
        const url = /http:\S+/.exec(said)?.[0];
        if (url) resolve({ url, said, stop: () => child.kill() });
      });
      child.on("exit", () => reject(new Error(said)));
    });
  }
  it("serves pages to this machine alone, nothing from outside its folder", async () => {
    const folder = folderWith({ "a.md": "# A\n\n:value{of=2+2}\n", "note.txt": "private" });
    const { url, stop } = await served(folder, "--port", "0");
    try {
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
      const page = await fetch(`${url}a.html`);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain("4");
      for (const path of ["..%2f..%2fetc%2fpasswd", "nothing.html", "a.html/..%2f..%2fetc/passwd", "%00"])
        expect((await fetch(url + path)).status).toBeGreaterThanOrEqual(400);
      writeFileSync(join(folder, "a.md"), "# A\n\n:value{of=3+3}\n");
      expect(await (await fetch(`${url}a.html`)).text()).toContain("6");
    } finally {
      stop();
    }
  });
  it("takes the next port where one is taken, and says so", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    await new Promise((r) => blocker.once("listening", r));
    const { port } = blocker.address() as { port: number };
    const { said, stop } = await served(lessons, "--port", String(port));
    stop();
    blocker.close();
    expect(said).toContain(`port ${port} is taken: using`);
  });
  it.each(["x", "-1", "70000"])("--port %s: one line, exit 2", (port) => {
    const { code, error } = gradus("serve", lessons, "--port", port, "--no-open");
    expect([code, error.trim().split("\n").length]).toEqual([2, 1]);
  });
});
