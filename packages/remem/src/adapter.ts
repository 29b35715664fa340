import { RememError } from "@remem/core";
import { findPackage, missingPackages } from "@remem/core/plugin";

interface Adapters {
  "@remem/azure/plugin": typeof import("@remem/azure/plugin");
  "@remem/keyv": typeof import("@remem/keyv");
  "@remem/qwen/plugin": typeof import("@remem/qwen/plugin");
  "@remem/redis": typeof import("@remem/redis");
}

/** The object to pass to `createRemem` if no adapter can be found at run time, because the program is one file. */
const BUNDLED = {
  "@remem/azure/plugin": "azureProvider() as `provider`",
  "@remem/keyv": "keyvStore() as `store`",
  "@remem/qwen/plugin": "qwenProvider() as `provider`",
  "@remem/redis": "redisStore() as `store`",
} as const satisfies Record<keyof Adapters, string>;

/**
 * Loads an adapter, an optional package, when an option, a URL or a model name asks for it. `others` are packages that it
 * needs for that.
 * @throws {RememError} with code `MISSING_PACKAGE`, the command that installs it, and the missing ones of `others`
 */
export function adapter<Name extends keyof Adapters>(
  name: Name,
  wantedBy: string,
  others: readonly string[] = [],
): Adapters[Name] {
  let path: string;
  try {
    path = findPackage(name, import.meta.url);
  } catch (cause) {
    const [packageName] = /^@[^/]+\/[^/]+/.exec(name)!;
    const missing = [packageName, ...missingPackages(others, import.meta.url)].join(" ");
    const problem = `${wantedBy} needs the package ${packageName}: npm install ${missing}. A bundled program passes ${BUNDLED[name]} to createRemem instead.`;
    throw new RememError("MISSING_PACKAGE", problem, { cause });
  }
  // Not imported: webpack would evaluate the call while it bundles.
  return process.getBuiltinModule("node:module").createRequire(path)(path) as Adapters[Name];
}
