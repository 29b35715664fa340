/** The parsed text of a configuration file, with the lines of its members. */
export interface Parsed {
  readonly value: unknown;
  /** The line of each member by its path, from 1. */
  readonly lines: ReadonlyMap<string, number>;
  /** Problems that leave the value readable, such as a duplicate member. */
  readonly problems: readonly Problem[];
}

export interface Problem {
  readonly line: number | undefined;
  readonly text: string;
}

/** Parses a text. `file` is its path, for errors. `fail` throws the error of a text that cannot be parsed. */
export type Parser = (text: string, file: string, fail: (line: number | undefined, text: string) => never) => Parsed;

/** Formats the path of a member: `limits.rpm`, `prices."gpt-4.1".input`. */
export function memberPath(parts: readonly PropertyKey[]): string {
  return parts
    .map(String)
    .map((part) => (/^[\w$-]+$/.test(part) ? part : JSON.stringify(part)))
    .join(".");
}

export const twice = (member: string): string => `\`${member}\` is defined twice.`;
export const TOO_DEEP = "This is nested too deeply.";
