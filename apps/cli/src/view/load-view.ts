import { loadInstalled } from "../packages/load-installed.ts";

/** Loads the page. */
export async function loadView(): Promise<typeof import("@remem/view")> {
  return (await loadInstalled("@remem/view")) as typeof import("@remem/view");
}
