import { RememError } from "@remem/core";
import { findPackage } from "@remem/core/plugin";

interface Libraries {
  valibot: typeof import("valibot");
  yaml: typeof import("yaml");
}

/**
 * Loads a library on demand: most programs have no configuration file, and loading both libraries takes longer than a hundred hits.
 * @throws {RememError} with code `MISSING_PACKAGE`, such as in a bundle that runs without its packages
 */
export function library<Name extends keyof Libraries>(name: Name, file: string): Libraries[Name] {
  let path: string;
  try {
    path = findPackage(name, import.meta.url);
  } catch (cause) {
    const problem = `To read the configuration file ${file} remem needs the package ${name}: npm install ${name}. To read none, pass \`config: false\`.`;
    throw new RememError("MISSING_PACKAGE", problem, { cause });
  }
  // Not imported: webpack would evaluate the call while it bundles.
  return process.getBuiltinModule("node:module").createRequire(path)(path) as Libraries[Name];
}
