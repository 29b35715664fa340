import type { DifferenceView } from "../../wire.ts";

/** Users do not type longer values. */
const LONGEST = 60;

/** The changes that make the pasted request the stored one, a line each. */
export function adviceFor(differences: readonly DifferenceView[]): string[] {
  return [...new Set(differences.flatMap(adviceOn))];
}

function adviceOn({ path, stored, asked, words }: DifferenceView): string[] {
  if (path === "scope") return ["another server has answered: ask that one, or share answers with `scope: false`"];
  if (path === "sample") return [`it is answer ${Number(stored ?? 0)} of several: option \`sample\``];
  if (path.startsWith("floats")) return ["whole numbers were keyed as Python wrote them: option `floats`"];
  if (path === "surface") return ["it is the answer to a request of another API"];
  const value = JSON.stringify(stored ?? null);
  if (path === "model") return [`another model has answered: ${value}`];
  const isParameter = /^\w+$/.test(path) && words === undefined && value.length <= LONGEST;
  if (isParameter && asked === undefined) return [`${path}: ${value} asks for the stored one`];
  if (isParameter && stored === undefined) return [`leave out ${path} to ask for the stored one`];
  return [];
}
