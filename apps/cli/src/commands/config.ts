import { basename } from "node:path";
import { withoutCredentials } from "@remem/core/plugin";
import type { Command } from "commander";
import { findConfig } from "remem/config";
import { chosenFile, type ResolvedFlags, resolveFlags } from "../config/resolve-flags.ts";
import { type Setting, settingsOf } from "../config/settings.ts";
import { layout } from "../output/columns.ts";
import { type Printer, standardOutput } from "../output/printer.ts";

/** Prints the effective settings and the source of each. */
export async function config(command: Command): Promise<number> {
  const resolved = resolveFlags(command);
  const settings = settingsOf(resolved).map((setting) => ({ ...setting, value: withoutSecrets(setting.value) }));
  const printer = standardOutput();
  const { file } = resolved;
  if (command.getOptionValue("json") === true) {
    const searched = file === undefined && chosenFile(command) === undefined ? findConfig().directories : undefined;
    // JSON lacks undefined, and a setting without a value must not lack the member.
    const shown = settings.map((setting) => ({ ...setting, value: setting.value ?? null }));
    const record = { file: file?.path ?? null, searched, settings: shown };
    await printer.print(`${printer.shown(JSON.stringify(record, null, 2))}\n`);
  } else {
    await printer.print(`${printer.shown(fileText(resolved, command))}\n\n${table(settings, resolved, printer)}`);
  }
  return 0;
}

function fileText({ file }: ResolvedFlags, command: Command): string {
  if (file !== undefined) return `file: ${file.path}`;
  if (chosenFile(command) === false) return "file: none (--no-config)";
  return `file: none; looked for remem.config.json, .yaml and .yml in\n  ${findConfig().directories.join("\n  ")}`;
}

function table(settings: readonly Setting[], { file }: ResolvedFlags, printer: Printer): string {
  const rows = settings.map(({ name, value, from, flag, variable, line }) => [
    printer.line(name),
    printer.line(text(value)),
    {
      flag,
      variable,
      default: "default",
      file: file && printer.line(`${basename(file.path)}${line === undefined ? "" : `:${line}`}`),
    }[from] ?? "",
  ]);
  const columns = [
    { title: "name", weight: 9, style: "cyan" },
    { title: "value", weight: 10, least: 12 },
    { title: "from", weight: 8 },
  ] as const;
  const { head, row } = layout(columns, rows, printer);
  return head + rows.map((cells) => row(cells)).join("");
}

function text(value: unknown): string {
  return typeof value === "string" ? value : value === undefined ? "none" : JSON.stringify(value);
}

/** Removes passwords from texts at any depth. */
function withoutSecrets(value: unknown): unknown {
  if (typeof value === "string") return withoutCredentials(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutSecrets(member)]));
}
