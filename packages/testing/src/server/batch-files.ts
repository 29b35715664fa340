import type { JsonObject } from "../json.ts";

/** A file on the server. */
export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly purpose: string;
  readonly bytes: Buffer;
}

/** The files of a server. */
export interface Files {
  add(name: string, purpose: string, bytes: Buffer): StoredFile;
  get(id: string): StoredFile | undefined;
  delete(id: string): boolean;
}

export function createFiles(): Files {
  const files = new Map<string, StoredFile>();
  let count = 0;
  return {
    add(name, purpose, bytes) {
      const file = { id: `file-${String(++count).padStart(6, "0")}`, name, purpose, bytes };
      files.set(file.id, file);
      return file;
    },
    get: (id) => files.get(id),
    delete: (id) => files.delete(id),
  };
}

/** The file as the API describes it: https://platform.openai.com/docs/api-reference/files/object */
export function fileObject({ id, name, purpose, bytes }: StoredFile): JsonObject {
  const created_at = Math.floor(Date.now() / 1000);
  return { id, object: "file", bytes: bytes.length, created_at, filename: name, purpose, status: "processed" };
}

/** A part of a form. */
interface Part {
  readonly filename: string | undefined;
  readonly bytes: Buffer;
}

/** The parts of a form by name; undefined if the body is not a form. */
export function formIn(contentType: string, body: Buffer): ReadonlyMap<string, Part> | undefined {
  const [, quoted, plain] = /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return undefined;
  const delimiter = Buffer.from(`--${boundary}`);
  const parts = new Map<string, Part>();
  let at = body.indexOf(delimiter);
  while (at !== -1) {
    const start = at + delimiter.length;
    if (body.subarray(start, start + 2).toString() === "--") return parts;
    const headEnd = body.indexOf("\r\n\r\n", start);
    const next = body.indexOf(Buffer.concat([Buffer.from("\r\n"), delimiter]), headEnd);
    if (headEnd === -1 || next === -1) return undefined;
    const head = body.subarray(start, headEnd).toString();
    const name = /\bname="([^"]*)"/i.exec(head)?.[1];
    const filename = /\bfilename="([^"]*)"/i.exec(head)?.[1];
    if (name !== undefined) parts.set(name, { filename, bytes: body.subarray(headEnd + 4, next) });
    at = next + 2;
  }
  return undefined; // Its end is missing.
}
