/** The text of a configuration file as a value, and where its members are. */
export interface Parsed {
  readonly value: unknown;
  /** The line of each member by its path, from 1. */
  readonly lines: ReadonlyMap<string, number>;
  /** Problems beside which the value is whole, such as a member that is there twice. */
  readonly problems: readonly Problem[];
}

export interface Problem {
  readonly line: number | undefined;
  readonly text: string;
}

/** Reads a text. `file` is its path, for errors, and `fail` throws where the text has no value. */
export type Parser = (text: string, file: string, fail: (line: number | undefined, text: string) => never) => Parsed;

/** The path of a member as a person reads it: `limits.rpm`, `prices."gpt-4.1".input`. */
export function memberPath(parts: readonly PropertyKey[]): string {
  return parts
    .map(String)
    .map((part) => (/^[\w$-]+$/.test(part) ? part : JSON.stringify(part)))
    .join(".");
}

export const twice = (member: string): string => `\`${member}\` is there twice.`;
export const TOO_DEEP = "This is nested too deeply.";
