import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { RememError } from "@remem/core";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** A file of the page. */
export interface PageFile {
  readonly type: string;
  /** Whether its name contains a hash of its content, so that it never changes. */
  readonly isHashed: boolean;
  readonly bytes: Buffer<ArrayBuffer>;
  /** The same, compressed by gzip. */
  zipped(): Buffer<ArrayBuffer>;
}

/** Tells the page how it gets its token. */
const ASKS_FOR_TOKEN = '<meta name="remem-token" content="asked" />';

/** Reads the built page, which is the same place from the sources and from the built package. */
export function readPage(asksForToken: boolean): ReadonlyMap<string, PageFile> {
  const directory = fileURLToPath(new URL("../../dist/page/", import.meta.url));
  const files = new Map<string, PageFile>();
  for (const path of list(directory)) {
    const type = TYPES[extname(path)];
    if (type === undefined) continue;
    const name = path.replaceAll("\\", "/");
    const isPage = name === "index.html";
    const read = Buffer.from(readFileSync(join(directory, path)));
    const bytes = isPage && asksForToken ? withMeta(read) : read;
    let zipped: Buffer<ArrayBuffer> | undefined;
    files.set(isPage ? "" : name, {
      type,
      isHashed: name.startsWith("assets/"),
      bytes,
      zipped() {
        zipped ??= gzipSync(bytes, { level: 9 });
        return zipped;
      },
    });
  }
  return files;
}

function withMeta(html: Buffer): Buffer<ArrayBuffer> {
  return Buffer.from(html.toString().replace("<title>", `${ASKS_FOR_TOKEN}<title>`));
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: "utf8" });
  } catch (cause) {
    throw new RememError("INVALID_OPTION", `createView: the page is not built, ${directory} is missing.`, { cause });
  }
}
