import { createRequire } from "node:module";
import { RememError } from "@remem/core";

interface Adapters {
  "@remem/azure/plugin": typeof import("@remem/azure/plugin");
  "@remem/qwen/plugin": typeof import("@remem/qwen/plugin");
  "@remem/redis": typeof import("@remem/redis");
}

const require = createRequire(import.meta.url);

/**
 * Loads an adapter, an optional package, when an option, a URL or a model name asks for it.
 * @throws {RememError} with code `MISSING_PACKAGE` and the command that installs it
 */
export function adapter<Name extends keyof Adapters>(name: Name, wantedBy: string): Adapters[Name] {
  try {
    require.resolve(name);
  } catch (cause) {
    const [packageName] = /^@[^/]+\/[^/]+/.exec(name)!;
    const problem = `${wantedBy} needs the package ${packageName}: npm install ${packageName}`;
    throw new RememError("MISSING_PACKAGE", problem, { cause });
  }
  return require(name) as Adapters[Name];
}
