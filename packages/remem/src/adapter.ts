import { join, resolve } from "node:path";
import { RememError } from "@remem/core";

interface Adapters {
  "@remem/azure/plugin": typeof import("@remem/azure/plugin");
  "@remem/qwen/plugin": typeof import("@remem/qwen/plugin");
  "@remem/redis": typeof import("@remem/redis");
}

/** What a program passes to `createRemem` if no adapter can be found at run time, because the program is one file. */
const BUNDLED = {
  "@remem/azure/plugin": "azureProvider() as `provider`",
  "@remem/qwen/plugin": "qwenProvider() as `provider`",
  "@remem/redis": "redisStore() as `store`",
} as const satisfies Record<keyof Adapters, string>;

/**
 * Loads an adapter, an optional package, when an option, a URL or a model name asks for it.
 * @throws {RememError} with code `MISSING_PACKAGE` and the command that installs it
 */
export function adapter<Name extends keyof Adapters>(name: Name, wantedBy: string): Adapters[Name] {
  // Not imported: webpack would evaluate the calls while it bundles.
  const { createRequire } = process.getBuiltinModule("node:module");
  let cause: unknown;
  for (const origin of origins()) {
    let requireFrom: NodeJS.Require;
    try {
      requireFrom = createRequire(origin);
      requireFrom.resolve(name);
    } catch (error) {
      cause ??= error;
      continue;
    }
    return requireFrom(name) as Adapters[Name];
  }
  const [packageName] = /^@[^/]+\/[^/]+/.exec(name)!;
  const problem = `${wantedBy} needs the package ${packageName}: npm install ${packageName}. A bundled program passes ${BUNDLED[name]} to createRemem instead.`;
  throw new RememError("MISSING_PACKAGE", problem, { cause });
}

/** Where to look: next to this package; for a bundle, next to the program and in the working directory. */
function origins(): string[] {
  const ours: string | undefined = import.meta.url; // Undefined in a bundle that is CommonJS.
  const program = process.argv[1];
  const found = [ours, program && resolve(program), join(process.cwd(), "package.json")];
  return found.filter((origin): origin is string => Boolean(origin));
}
