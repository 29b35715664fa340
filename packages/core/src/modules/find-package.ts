/**
 * Finds a package that is installed on demand, and returns the path of its entry. Looks next to the module at `ours`, its
 * `import.meta.url`; then next to the program and in the working directory, which is where the packages of a bundle are, and
 * those of a user who has installed a command globally.
 * @throws Node's error if the package is in none of these places
 */
export function findPackage(name: string, ours: string | undefined): string {
  // Not imported: webpack would evaluate the calls while it bundles.
  const { createRequire } = process.getBuiltinModule("node:module");
  let failure: unknown;
  for (const origin of originsOf(ours)) {
    try {
      return createRequire(origin).resolve(name);
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/** Returns the packages that `findPackage` does not find. They may have a version, as in `keyv@5`. */
export function missingPackages(packages: readonly string[], ours: string | undefined): string[] {
  return packages.filter((wanted) => {
    try {
      return !findPackage(wanted.replace(/(?<=.)@.*/, ""), ours);
    } catch {
      return true;
    }
  });
}

/** In a CommonJS bundle `ours` is undefined. */
function originsOf(ours: string | undefined): string[] {
  const { join, resolve } = process.getBuiltinModule("node:path");
  const program = process.argv[1];
  const places = [ours, program && resolve(program), program && realPath(program), join(process.cwd(), "package.json")];
  return places.filter((place): place is string => Boolean(place));
}

/** A global command is a link into the directory of its package. */
function realPath(path: string): string | undefined {
  try {
    return process.getBuiltinModule("node:fs").realpathSync(path);
  } catch {
    return undefined;
  }
}
