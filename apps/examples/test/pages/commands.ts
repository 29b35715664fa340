import { blocksOf, textOf } from "./markdown.ts";

/** The flags of each command of `remem`, as the page that is made of their definitions lists them. */
export function flagsOfCommands(): Map<string, Set<string>> {
  const sections = textOf("docs/command.md").matchAll(/^## remem (\w+)\n(.*?)(?=^## |$(?![\s\S]))/gms);
  return new Map(
    Array.from(sections, ([, name = "", text = ""]) => [
      name,
      new Set(
        Array.from(text.matchAll(/^- `(?:(-\w), )?(--[\w-]+)/gm), ([, short, long]) => [
          short,
          long,
        ]).flat() as string[],
      ),
    ]),
  );
}

/** What a page writes of `remem` as a command: in its blocks for a shell, after `$ ` in a console, and in its text. */
export function commandsIn(page: string): string[] {
  const blocks = blocksOf(page);
  const scripts = blocks.filter(({ language }) => language === "sh").flatMap(({ code }) => linesOf(code));
  const consoles = blocks.flatMap(({ code }) => Array.from(code.matchAll(/^\$ (.*)$/gm), ([, line]) => line!));
  const prose = textOf(page).replaceAll(/^```.*?^```$/gms, "");
  const spans = Array.from(prose.matchAll(/`(remem [^`]+)`/g), ([, line]) => line!);
  return [...scripts, ...consoles, ...spans].flatMap((line) => {
    if (line.startsWith("npm ")) return [];
    const [, command] = /(?:^|[\s;&|(])(remem .*)$/.exec(line.replace(/\s#\s.*$/, "")) ?? [];
    return command === undefined ? [] : [command];
  });
}

/** The lines of a script, without comments; a line that ends with a backslash goes on in the next. */
export function linesOf(script: string): string[] {
  const lines = script.replaceAll(/\\\n\s*/g, " ").split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}

/** The words of a command before another program, pipe or redirection begins. */
export function wordsOf(command: string): string[] {
  const words = Array.from(command.matchAll(/"[^"]*"|'[^']*'|[^\s"']+/g), ([word]) => word);
  const end = words.findIndex((word) => /^(--|[|<>]+|&&|;)$/.test(word));
  return words.slice(1, end === -1 ? undefined : end);
}
