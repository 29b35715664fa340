import { createRequire } from "node:module";
import type { LoadedAdapter } from "../src/url/backend.ts";

/** The adapter that is installed under this name: tests have several versions of one. */
export function loaded(name: string): LoadedAdapter {
  const path = createRequire(import.meta.url).resolve(name);
  return { path, requireBeside: createRequire(path) };
}
