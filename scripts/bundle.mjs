// Bundles the library and the command into a few files each: an import then costs few reads, and a short command
// starts in about the time of Node itself; builds the Studio. Declarations come from tsc. Run: npm run build
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { build } from "vite";

const at = (path) => fileURLToPath(new URL(`../packages/${path}`, import.meta.url));
const library = JSON.parse(readFileSync(at("gradus/package.json"), "utf8"));

/** One entry for each export of the package: "./math" is src/math.ts. */
const entries = Object.fromEntries(
  Object.keys(library.exports).map((name) => {
    const entry = name === "." ? "index" : name.slice(2);
    return [entry, at(`gradus/src/${entry}.ts`)];
  }),
);

/** The folders of the packages of others that went into a bundle. */
const bundled = new Set();

async function bundle(directory, options, output = {}) {
  const build = await rolldown(options);
  const written = await build.write({
    dir: at(directory),
    format: "esm",
    sourcemap: true,
    chunkFileNames: "shared-[name].js",
    ...output,
  });
  await build.close();
  for (const id of written.output.flatMap((chunk) => chunk.moduleIds ?? [])) {
    const folder = /^.*\/node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0];
    if (folder) bundled.add(folder);
  }
}

/** What their licences ask for: the text goes where the code goes. */
function licences() {
  const sections = [...bundled].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    return `## ${name} ${version} (${license})\n\n${file ? readFileSync(`${folder}/${file}`, "utf8").trim() : ""}\n`;
  });
  return `# Packages of others in this bundle\n\n${sections.join("\n")}`;
}

/** The library's sources, for what is bundled with it. */
const alias = Object.fromEntries(
  Object.entries(entries)
    .map(([name, file]) => [name === "index" ? "gradus" : `gradus/${name}`, file])
    // A longer name first: "gradus" would take "gradus/math" too.
    .reverse(),
);

await bundle("gradus/dist", { input: entries, platform: "neutral" });
// Nobody reads the command's bundle: a smaller one is read faster.
await bundle(
  "cli/dist",
  {
    input: { main: at("cli/src/main.ts"), "lesson-worker": at("cli/src/lesson/worker.ts") },
    platform: "node",
    preserveEntrySignatures: false,
    resolve: { alias },
    // Only the methods of Tensors act on import: naming gradus/math is no reason to read all of it.
    treeshake: {
      moduleSideEffects: [
        { test: /gradus.src.(primitives.methods|index|math|optimize).ts$/, sideEffects: true },
        { test: /packages/, sideEffects: false },
      ],
    },
  },
  // What every command shares is one file: each costs a read.
  {
    minify: true,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ name: "command", minShareCount: 12 }],
    },
  },
);

// The Studio is static files, served by the command.
await build({ configFile: at("studio/vite.config.ts"), logLevel: "warn" });
rmSync(at("cli/dist/studio"), { recursive: true, force: true });
cpSync(at("studio/dist"), at("cli/dist/studio"), { recursive: true });

// What a page of a lesson needs beside it.
const assets = at("cli/dist/lesson");
for (const name of ["live", "work"])
  await bundle(
    "cli/dist/lesson",
    { input: at(`lesson/src/live/${name}.ts`), platform: "browser", resolve: { alias } },
    // Classic scripts: a page opened from a disk may load no modules.
    { minify: true, sourcemap: false, format: "iife", codeSplitting: false },
  );
cpSync(at("charts/fonts/math.woff2"), `${assets}/math.woff2`);
cpSync(at("studio/public/icon.svg"), `${assets}/icon.svg`);
writeFileSync(at("cli/dist/licenses.md"), licences());
