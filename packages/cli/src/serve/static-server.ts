import { createReadStream, realpathSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { extname, join, sep } from "node:path";
import { UsageError } from "../errors.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".avif": "image/avif",
  ".woff2": "font/woff2",
};

/** What a served page may do: its own scripts and workers, no evaluation of text, nothing from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'none'";

const HEADERS = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-cache",
};

const HASHED = /^\/assets\/.*-[\w-]{8}\.\w+$/;

export interface Answer {
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

export interface ServeOptions {
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  /** Asked first; what it does not answer is a file. */
  readonly answer?: (
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ) => Reply | Promise<Reply>;
}

type Reply = Answer | "done" | undefined;

/** Serves the files of a folder, and nothing outside it. Resolves once it listens, on the next free port. */
export async function serve(options: ServeOptions): Promise<{ server: Server; url: string; port: number }> {
  const root = realpathSync(options.folder);
  const server = createServer((request, response) => {
    handle(request, response, root, options).catch((error: Error) => {
      if (!response.headersSent)
        response.writeHead(500, { ...HEADERS, "content-type": "text/plain; charset=utf-8" });
      response.end(error.message);
    });
  });
  const port = await listen(server, options);
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return { server, port, url: `http://${host}:${port}/` };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  root: string,
  options: ServeOptions,
): Promise<void> {
  const reply = (status: number, body: string | Uint8Array, type = TYPES[".html"]): void => {
    response.writeHead(status, { ...HEADERS, "content-type": type });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  if (!isOwn(request.headers.host, options.host))
    return reply(421, "this server answers to its own name alone");
  if (request.method !== "GET" && request.method !== "HEAD") return reply(405, "only GET is answered");
  const path = pathOf(request.url ?? "/");
  if (path === undefined) return reply(400, "this address cannot be read");
  const given = await options.answer?.(path, request, response);
  if (given === "done") return;
  if (given) return reply(given.status ?? 200, given.body, given.type);
  const file = fileIn(root, path);
  if (!file) return reply(404, "there is no such page");
  // A built asset has its content's hash in its name: it never changes.
  const kept = HASHED.test(path) ? { "cache-control": "public, max-age=31536000, immutable" } : {};
  const type = TYPES[extname(file).toLowerCase()] ?? "application/octet-stream";
  response.writeHead(200, { ...HEADERS, ...kept, "content-type": type });
  if (request.method === "HEAD") response.end();
  else
    createReadStream(file)
      .on("error", () => response.destroy())
      .pipe(response);
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i;

/** On the loopback address, a page of the web that has its name lead here must not read what is served. */
function isOwn(asked: string | undefined, host: string): boolean {
  if (!LOOPBACK.test(host) && host !== "::1") return true;
  return LOOPBACK.test((asked ?? "").replace(/:\d+$/, ""));
}

function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
    return path.includes("\0") ? undefined : path;
  } catch {
    return undefined;
  }
}

/** The file that a path names, if it lies in the folder: links that lead out are not followed, hidden files not shown. */
function fileIn(root: string, path: string): string | undefined {
  if (path.split(/[/\\]/).some((part) => part.startsWith("."))) return undefined;
  try {
    let file = realpathSync(join(root, path));
    if (statSync(file).isDirectory()) file = realpathSync(join(file, "index.html"));
    return file.startsWith(root + sep) && statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}

const MOST_PORTS = 50;
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: `it is taken, and so are the next ${MOST_PORTS}`,
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "there is no such name",
  EACCES: "this port needs more rights: choose one above 1023",
};

/** The port asked for, or the next that is free. */
function listen(server: Server, { host, port }: ServeOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    let at = port;
    server.on("listening", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : at);
    });
    server.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" && at - port < MOST_PORTS) server.listen(++at, host);
      else
        reject(
          new UsageError(
            `cannot listen on ${host}, port ${at}: ${REASONS[error.code ?? ""] ?? error.code ?? error.message}`,
          ),
        );
    });
    server.listen(at, host);
  });
}
