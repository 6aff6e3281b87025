import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { get } from "node:http";
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
    const page = readFileSync(join(out, "02-derivative.html"), "utf8");
    expect(page).toContain("<svg");
    expect(page).toContain("<math");
    expect(page).toContain("default-src &#39;none&#39;");
    expect(readFileSync(join(out, "index.html"), "utf8")).toContain("02-derivative.html");
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
    for (const [place, words] of [
      [join(mine, "thesis.txt"), "is a file"],
      ["/proc/gradus-site", "cannot be made"],
    ] as const) {
      const refused = gradus("build", lessons, "--out", place);
      expect([refused.code, refused.error.trim().split("\n").length]).toEqual([2, 1]);
      expect(refused.error).toContain(words);
    }
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
  it("takes no SVG that does more than show a picture, and says why", () => {
    const svg = (inside: string) =>
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">${inside}</svg>`;
    const sly: Readonly<Record<string, string>> = {
      "a.svg": svg("<script>1</script>"),
      "b.svg": svg('<rect onclick="1"/>'),
      "c.svg": svg('<a href="&#106;avascript:1"><rect/></a>'),
      "d.svg": svg("<foreignObject><p/></foreignObject>"),
      "e.svg": `<!DOCTYPE svg [<!ENTITY x "<script>1</script>">]>${svg("&x;")}`,
      "f.svg": svg('<a><set attributeName="href" to="x"/></a>'),
      "g.svg": svg("<style>@import 'https://elsewhere.example/x.css'</style>"),
    };
    const good = {
      "good.svg": svg('<defs><path id="p" d="M0 0"/></defs><use href="#p"/><rect width="9" height="9"/>'),
    };
    const names = [...Object.keys(sly), "good.svg", "gone.png"];
    const folder = folderWith({
      ...sly,
      ...good,
      "x.md": `# X\n\n${names.map((n) => `![${n}](${n})`).join("\n\n")}\n`,
    });
    const out = join(mkdtempSync(join(tmpdir(), "gradus-site-")), "site");
    const { out: said } = gradus("build", folder, "--out", out);
    for (const name of Object.keys(sly)) {
      expect(existsSync(join(out, name)), name).toBe(false);
      expect(said).toContain(`the picture ${name}`);
    }
    expect(existsSync(join(out, "good.svg"))).toBe(true);
    expect(said).toMatch(/x\.md:19: the picture gone\.png is not there/);
  });
});

describe("a folder of odd files", () => {
  it("is checked to its end: what is no text, too large, or leads out of it is told or left out", () => {
    const folder = folderWith({ "good.md": "# Good\n\n[b](binary.md) [gone](gone.md)\n" });
    writeFileSync(join(folder, "binary.md"), Buffer.from([35, 32, 0, 1, 2, 255]));
    writeFileSync(join(folder, "part.md"), "# Part\n\n[a](good.md#good) [b](good.md#bad) [c](latin.md#x)\n");
    writeFileSync(join(folder, "wide.md"), Buffer.from("\ufeff# A\n", "utf16le"));
    writeFileSync(join(folder, "latin.md"), Buffer.from("# A\n\ncaf\xe9\n", "latin1"));
    writeFileSync(join(folder, "large.md"), "a ".repeat(5_000_000));
    writeFileSync(join(folder, "long.md"), "a ".repeat(300_000));
    symlinkSync("/etc/passwd", join(folder, "passwd.md"));
    symlinkSync("/etc", join(folder, "etc"));
    mkdirSync(join(folder, "folder.md"));
    const { code, out, error } = gradus("check", folder);
    expect([code, error]).toEqual([1, expect.stringContaining("7 things are wrong")]);
    expect(out).toContain("binary.md:1: the file is no text");
    expect(out).toContain("latin.md:1: line 3 is not UTF-8");
    expect(out).toContain("wide.md:1: the file is UTF-16");
    expect(out).toContain("part.md:3: the link leads to #bad: there is no such part in good.md");
    expect(out).toContain("large.md:1: the file has 10000000 bytes");
    expect(out).toContain("long.md:1: the lesson has 600000 characters");
    expect(out).toContain("good.md:3: the link leads to gone.md");
    expect(out).not.toMatch(/passwd|etc|folder\.md/);
  });
  it("a block that does not end is stopped, and the rest is there", () => {
    const folder = folderWith({
      "a.md": '# A\n\n::derive{f="x^x^x^x^x^x^x^x^x^x^x^x" order=6}\n\n:value{of=2+2}\n',
    });
    const out = join(mkdtempSync(join(tmpdir(), "gradus-site-")), "site");
    expect(gradus("build", folder, "--out", out).out).toMatch(
      /a\.md:3: derive: this took more than \d+ s and was stopped/,
    );
    expect(readFileSync(join(out, "a.html"), "utf8")).toContain('<span class="value">4</span>');
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
    const folder = folderWith({
      "a.md": "# A\n\n:value{of=2+2}\n\n![p](p.JPG)\n",
      "p.JPG": "picture",
      "note.txt": "private",
      "evil.html": "<script src=evil.js></script>",
      "evil.js": "1",
    });
    const { url, stop } = await served(folder, "--port", "0");
    try {
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
      const page = await fetch(`${url}a.html`);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain("4");
      for (const path of [
        "..%2f..%2fetc%2fpasswd",
        "nothing.html",
        "a.html/..%2f..%2fetc/passwd",
        "%00",
        "note.txt",
        "evil.html",
        "evil.js",
        "a.md",
      ])
        expect((await fetch(url + path)).status).toBeGreaterThanOrEqual(400);
      const picture = await fetch(`${url}p.JPG`);
      expect([picture.status, picture.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
      const changes = await fetch(`${url}_gradus/changes`);
      const told = changes.body!.getReader();
      await told.read();
      writeFileSync(join(folder, "a.md"), "# A\n\n:value{of=3+3}\n");
      expect(new TextDecoder().decode((await told.read()).value)).toContain("changed");
      await told.cancel();
      expect(await (await fetch(`${url}a.html`)).text()).toContain("6");
    } finally {
      stop();
    }
  });
  it("sees each save: also of editors that put a new file in the place of the old, and in new folders", async () => {
    const folder = folderWith({ "a.md": "# A\n" });
    const { url, stop } = await served(folder, "--port", "0");
    try {
      const told = (await fetch(`${url}_gradus/changes`)).body!.getReader();
      await told.read();
      const save = async (how: () => void, file: string, word: string) => {
        how();
        let text = "";
        while (!text.includes("changed")) text += new TextDecoder().decode((await told.read()).value);
        expect(await (await fetch(`${url}${file}.html`)).text()).toContain(word);
      };
      const a = join(folder, "a.md");
      for (const k of [1, 2, 3]) {
        await save(
          () => {
            writeFileSync(`${a}~`, `# A\n\nput ${k}`);
            renameSync(`${a}~`, a);
          },
          "a",
          `put ${k}`,
        );
        await save(() => writeFileSync(a, `# A\n\nwritten ${k}`), "a", `written ${k}`);
      }
      await save(() => mkdirSync(join(folder, "part")), "a", "written 3");
      await save(() => writeFileSync(join(folder, "part", "b.md"), "# B\n\nnew"), "part/b", "new");
      await told.cancel();
    } finally {
      stop();
    }
  }, 30_000);
  it("answers to its own name alone: a page of the web whose name leads here reads nothing", async () => {
    const { url, stop } = await served(lessons, "--port", "0");
    const { port } = new URL(url);
    const statusFor = (host: string) =>
      new Promise((resolve, reject) => {
        get({ host: "127.0.0.1", port, path: "/", headers: { host } }, (r) => {
          r.resume();
          resolve(r.statusCode);
        }).on("error", reject);
      });
    try {
      for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "LOCALHOST", `[::1]:${port}`])
        expect([host, await statusFor(host)]).toEqual([host, 200]);
      for (const host of [
        `evil.example:${port}`,
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "0.0.0.0",
      ])
        expect([host, await statusFor(host)]).toEqual([host, 421]);
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
  it.each([
    ["8.8.8.8", "no such address"],
    ["nope.invalid", "cannot listen on nope.invalid"],
  ])("--host %s: one line, exit 2", (host, words) => {
    const { code, error } = gradus("serve", lessons, "--host", host, "--no-open");
    expect([code, error.trim().split("\n").length]).toEqual([2, 1]);
    expect(error).toContain(words);
  });
  it.each(["x", "-1", "70000"])("--port %s: one line, exit 2", (port) => {
    const { code, error } = gradus("serve", lessons, "--port", port, "--no-open");
    expect([code, error.trim().split("\n").length]).toEqual([2, 1]);
  });
});
