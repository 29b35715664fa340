import { pathToFileURL } from "node:url";
import { findPackage, RememError } from "@remem/core/plugin";

/**
 * Loads the page, which most gateways do without.
 * @throws {RememError} with code `MISSING_PACKAGE`
 */
export async function loadView(where: string): Promise<typeof import("@remem/view")> {
  let path: string;
  try {
    path = findPackage("@remem/view", import.meta.url);
  } catch (cause) {
    const problem = 'tenants with the right "view" need the package @remem/view: npm install @remem/view';
    throw new RememError("MISSING_PACKAGE", `${where}: ${problem}`, { cause });
  }
  return (await import(pathToFileURL(path).href)) as typeof import("@remem/view");
}
