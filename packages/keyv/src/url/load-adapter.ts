import { findPackage, messageOf, missingPackages, RememError } from "@remem/core/plugin";
import type { Backend, LoadedAdapter } from "./backend.ts";

/** The name of the adapter's package. */
export const nameOf = ({ packages }: Backend): string => packages[1].replace(/(?<=.)@.*/, "");

/**
 * Loads the adapter of a backend for a store at `scheme`.
 * @throws {RememError} with code `MISSING_PACKAGE` and the command that installs the missing packages
 */
export function loadAdapter(scheme: string, backend: Backend): LoadedAdapter {
  const { packages } = backend;
  const name = nameOf(backend);
  const missing = missingPackages(packages, import.meta.url);
  const lacks = (wanted: string, cause?: unknown): RememError => {
    const problem = `A store at ${scheme}: needs the package ${wanted}: npm install ${missing.join(" ")}.`;
    const instead = "A bundled program passes keyvStore() as `store` instead.";
    return new RememError("MISSING_PACKAGE", `${problem} ${instead}`, { cause });
  };
  if (missing.includes(packages[1])) throw lacks(name);
  const path = findPackage(name, import.meta.url);
  const requireBeside = process.getBuiltinModule("node:module").createRequire(path);
  try {
    requireBeside(path);
  } catch (cause) {
    // Only some adapters import Keyv, and some find one where this package does not.
    if (missing.length > 0) throw lacks("keyv", cause);
    throw new RememError("MISSING_PACKAGE", `The package ${name} cannot be loaded: ${messageOf(cause)}`, { cause });
  }
  return { path, requireBeside };
}
