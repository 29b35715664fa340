import { messageOf } from "@remem/core/plugin";
import { library } from "./library.ts";
import { memberPath, type Parser, type Problem, TOO_DEEP, twice } from "./parsed.ts";

type Node = ReturnType<typeof import("yaml").parseDocument>["contents"];

/** Parses YAML 1.2, in which `yes` and `no` are strings. A file of comments alone is an empty object. */
export const parseYaml: Parser = (text, file, fail) => {
  const { isMap, isScalar, LineCounter, parseDocument } = library("yaml", file);
  const counter = new LineCounter();
  const lineAt = (offset: number): number => counter.linePos(offset).line;
  const lines = new Map<string, number>();
  const problems: Problem[] = [];

  function read(): unknown {
    const options = { prettyErrors: false, uniqueKeys: false, logLevel: "error", lineCounter: counter } as const;
    const document = parseDocument(text, options);
    const [failure] = [...document.errors, ...document.warnings];
    if (failure !== undefined) {
      const quotesNothing = failure.message.replace(/: ?".*/s, ""); // A password may be near.
      const isDeep = quotesNothing.includes("call stack");
      const isSecond = failure.code === "MULTIPLE_DOCS";
      const problem = isDeep
        ? TOO_DEEP
        : isSecond
          ? "Only one YAML document is allowed; a second one begins here."
          : `${quotesNothing}.`;
      return fail(lineAt(failure.pos[0]), problem);
    }
    readLines(document.contents, []);
    return document.contents === null ? {} : document.toJS(); // Refuses aliases that expand to too many values.
  }

  function readLines(node: Node, path: readonly string[]): void {
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue;
      const parts = [...path, String(key.value)];
      const member = memberPath(parts);
      const line = lineAt(key.range?.[0] ?? 0);
      if (lines.has(member)) problems.push({ line, text: twice(member) });
      lines.set(member, line);
      readLines(value as Node, parts);
    }
  }

  let value: unknown;
  try {
    value = read();
  } catch (error) {
    // `fail` throws an error of ours. The library throws for aliases, and when the stack overflows.
    if ((error as { code?: unknown }).code === "INVALID_OPTION") throw error;
    return fail(undefined, `This cannot be read as YAML: ${messageOf(error)}.`);
  }
  return { value: value ?? {}, lines, problems };
};
