// A web server for one test: files of the project, pages made here, and a place where pages leave their results.
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

export interface Page {
  readonly html: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Site {
  readonly origin: string;
  /** Addresses that were asked for. */
  readonly requests: readonly string[];
  /** Serves a page; what it POSTs to its own address is its result. */
  add(path: string, page: Page): Promise<unknown>;
  close(): void;
}

/** @param mounts folders by the path under which they are served; default: the project's root */
export async function serve(mounts: Readonly<Record<string, URL>> = { "/": root }): Promise<Site> {
  const pages = new Map<string, Page & { resolve(result: unknown): void }>();
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const path = decodeURI(new URL(request.url!, "http://site").pathname);
    requests.push(path);
    const page = pages.get(path);
    if (page && request.method === "POST") {
      page.resolve(JSON.parse(await bodyOf(request)));
      response.end();
    } else if (page)
      response.writeHead(200, { "content-type": types[".html"], ...page.headers }).end(page.html);
    else {
      const file = await fileOf(path, mounts);
      if (file)
        response
          .writeHead(200, {
            "content-type": types[path.endsWith("/") ? ".html" : extname(path)] ?? "text/plain",
          })
          .end(file);
      else response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    add: (path, page) => new Promise((resolve) => pages.set(path, { ...page, resolve })),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const piece of request.setEncoding("utf8")) body += piece;
  return body;
}

async function fileOf(path: string, mounts: Readonly<Record<string, URL>>): Promise<Buffer | undefined> {
  const mount = Object.keys(mounts)
    .sort((a, b) => b.length - a.length)
    .find((prefix) => path.startsWith(prefix));
  if (mount === undefined || path.includes("..")) return undefined;
  const inside = path.slice(mount.length);
  const name = inside === "" || inside.endsWith("/") ? `${inside}index.html` : inside;
  return readFile(fileURLToPath(new URL(name, mounts[mount]))).catch(() => undefined);
}

/** A page that runs a module script and leaves what it resolves to, or its error. @param body of an async function */
export function pageOf(body: string, headers?: Page["headers"]): Page {
  const html = `<!doctype html><meta charset="utf-8"><title>test</title><script type="module">
    const main = async () => { ${body} };
    const result = await main().catch((error) => ({ error: String(error) + "\\n" + error?.stack, code: error?.code }));
    await fetch(location.href, { method: "POST", body: JSON.stringify(result) });
  </script>`;
  return { html, ...(headers && { headers }) };
}
