import type { EntryDetails, PricedEntry, UnreadableDetails } from "@remem/inspect";
import type { MessageText } from "remem";
import type { Prices } from "../flags/configured-flags.ts";
import { dollars, number } from "../progress/figures.ts";
import { answerPrice } from "../spending/cost.ts";
import { loadPrices, type PriceOf } from "../spending/prices.ts";
import { age, bytes, clockTime } from "./amounts.ts";
import type { Printer } from "./printer.ts";

type Rows = Array<readonly [name: string, text: string | undefined]>;

/** Formats an entry for people: its figures, the data in its key, the conversation and the answer. */
export async function entryText(
  entry: EntryDetails | UnreadableDetails,
  printer: Printer,
  prices?: Prices,
): Promise<string> {
  if (entry.kind !== "entry") {
    const rows: Rows = [
      ["key", entry.key],
      ["state", `${entry.kind}: ${entry.problem}`],
      ["size", bytes(entry.bytes)],
    ];
    return rowsText(rows, printer) + section("as it is stored", entry.raw, printer);
  }
  const { messages, choices, request, answer } = entry;
  const parts = [rowsText([...factsOf(entry), ["cost", await costOf(entry, prices)], ...keyedBy(entry)], printer)];
  for (const message of messages ?? []) parts.push(...messageSections(message, "", printer, "cyan"));
  if (messages === undefined && request !== undefined) parts.push(section("request", pretty(request), printer));
  for (const [index, choice] of (choices ?? []).entries()) {
    const which = choices!.length === 1 ? "" : `, answer ${index + 1} of ${choices!.length}`;
    parts.push(...messageSections(choice, which, printer, "green"));
  }
  if (choices === undefined) parts.push(section("answer", pretty(answer), printer, "green"));
  return parts.join("");
}

function messageSections(
  { role, text, reasoning, toolCalls = [] }: MessageText,
  which: string,
  printer: Printer,
  format: "cyan" | "green",
): string[] {
  const calls = toolCalls.map(({ name, arguments: given }) => `→ ${name}(${given})`);
  const lines = [text, ...calls].filter((part) => part !== "");
  return [
    ...(reasoning === undefined ? [] : [section(`reasoning${which}`, reasoning, printer)]),
    section(`${role}${which}`, lines.join("\n"), printer, format),
  ];
}

function factsOf(entry: EntryDetails): Rows {
  const { key, writer, model, surface, createdAt, expiresAt, finishReason, tokens } = entry;
  return [
    ["key", key],
    ["model", model ?? (writer === "python" ? "unknown (a row of the Python class)" : "unknown")],
    ["surface", surface ?? "unknown"],
    ["written", createdAt === undefined ? "unknown" : `${clockTime(createdAt)} (${age(createdAt)} ago)`],
    ["expires", expiresAt === undefined ? undefined : clockTime(expiresAt)],
    ["size", bytes(entry.bytes)],
    ["finish", finishReason],
    ["tokens", tokens && `${number(tokens.prompt)} in, ${number(tokens.completion)} out`],
  ];
}

/** The data in the key besides model and messages. */
function keyedBy({ requestIs, parameters, facts }: EntryDetails): Rows {
  if (requestIs === "lost") return [["request", "lost by the store"]];
  if (requestIs === "left out") return [["request", "not kept (storeRequest: false)"]];
  const members = Object.entries({ ...parameters, ...facts }).filter(([name]) => name !== "surface");
  return members.map(([name, value], index) => [index === 0 ? "keyed by" : "", `${name} = ${JSON.stringify(value)}`]);
}

async function costOf(
  { answer, scope, surface, model, tokens }: EntryDetails,
  prices: Prices | undefined,
): Promise<string | undefined> {
  if (tokens === undefined) return undefined;
  const price = storedPrice({ answer, scope, surface, model, tokens }, await loadPrices(undefined, prices));
  return price === undefined ? "unknown" : `${dollars(price)} by list prices`;
}

/** The price of a stored answer. A scope is the address of its server, or a name of the client's. */
export function storedPrice(
  { answer, scope, surface, model, tokens }: PricedEntry,
  priceOf: PriceOf,
): number | undefined {
  const server = scope !== undefined && /^https?:/.test(scope) ? scope : undefined;
  if (surface === "chat") return answerPrice(answer as Parameters<typeof answerPrice>[0], priceOf, server);
  if (model === undefined || tokens === undefined) return undefined;
  return priceOf(model, { input: tokens.prompt, output: tokens.completion }, server);
}

function rowsText(rows: Rows, { shown, style }: Printer): string {
  return rows
    .filter(([, text]) => text !== undefined)
    .map(([name, text = ""]) => `${style("dim", name.padEnd(10))}${shown(text)}\n`)
    .join("");
}

function section(title: string, text: string, { shown, style }: Printer, format: "cyan" | "green" = "cyan"): string {
  const lines = shown(text).split("\n");
  return `\n${style(format, shown(title))}\n${lines.map((line) => (line === "" ? "\n" : `  ${line}\n`)).join("")}`;
}

const pretty = (value: object): string => JSON.stringify(value, null, 2);
