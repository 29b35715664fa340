import type { ChoiceText, MessageText, ToolCallText } from "@remem/core";
import type { CallView, Clip, MessageView, Piece } from "../../wire.ts";
import { boundedJson } from "./bounded-json.ts";

/** Pictures that cannot run scripts. */
const DATA_IMAGE = /^data:image\/(?:png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/=\s]+$/;
const MEDIA_IMAGE = /^image\/(?:png|jpeg|gif|webp|avif)$/;
/** The maximum number of characters of a text that a page shows. */
const LONG = 200_000;

/** The budget for what may still be shown of an entry. */
export interface Budget {
  characters: number;
}

export function clip(text: string, budget: Budget): Clip {
  const most = Math.min(LONG, Math.max(budget.characters, 0));
  budget.characters -= Math.min(text.length, most);
  return text.length <= most ? { text } : { text: text.slice(0, most), cutFrom: text.length };
}

/** One message, as the page shows it. */
export function messageView(message: MessageText | ChoiceText, budget: Budget): MessageView {
  const { role, text, reasoning, toolCalls = [] } = message;
  return {
    role,
    pieces: piecesOf(text, budget, role === "tool" || role === "function"),
    ...(reasoning !== undefined && { reasoning: clip(reasoning, budget) }),
    calls: toolCalls.map((call) => callView(call, budget)),
    ...("finishReason" in message && { finishReason: message.finishReason! }),
  };
}

function callView({ name, arguments: given }: ToolCallText, budget: Budget): CallView {
  const json = parsed(given);
  return json === undefined ? { name, text: clip(given, budget) } : { name, json: boundedJson(json) };
}

/** Splits a text into text and lines of JSON in it: pictures, files, sounds, and the results of tools. */
function piecesOf(text: string, budget: Budget, isData: boolean): Piece[] {
  const pieces: Piece[] = [];
  let said: string[] = [];
  function flush(): void {
    const rest = said.join("\n");
    if (rest !== "") pieces.push({ kind: "text", ...clip(rest, budget) });
    said = [];
  }
  for (const line of text.split("\n")) {
    const part = line.startsWith("{") && line.endsWith("}") ? parsed(line) : undefined;
    const piece: Piece | undefined =
      part && (pieceOf(part) ?? (isData ? { kind: "json", json: boundedJson(part) } : undefined));
    if (piece === undefined) said.push(line);
    else {
      flush();
      pieces.push(piece);
    }
  }
  flush();
  return pieces;
}

/** Reads a part of a message. Its type, or its content, distinguishes it from a text that happens to be JSON. */
function pieceOf(part: object): Piece | undefined {
  const { type, inlineData, fileData } = part as { type?: unknown; inlineData?: unknown; fileData?: unknown };
  const isPart = typeof type === "string" || inlineData !== undefined || fileData !== undefined;
  if (!isPart) return undefined;
  const data = imageIn(part, 4);
  if (data !== undefined) return { kind: "image", data };
  const url = addressIn(part, 4);
  if (url !== undefined && /image/i.test(`${type}`)) return { kind: "link", url };
  return { kind: "json", json: boundedJson(part) };
}

/** The first picture in a part: as a `data:` address, or as data and its type in two members. */
function imageIn(value: unknown, depth: number): string | undefined {
  if (typeof value === "string") return DATA_IMAGE.test(value) ? value : undefined;
  if (typeof value !== "object" || value === null || depth === 0) return undefined;
  const members = value as Readonly<Record<string, unknown>>;
  const type = members.media_type ?? members.mimeType ?? members.mime_type;
  if (typeof type === "string" && MEDIA_IMAGE.test(type) && typeof members.data === "string") {
    const data = `data:${type};base64,${members.data}`;
    if (DATA_IMAGE.test(data)) return data;
  }
  return first(Object.values(members), (member) => imageIn(member, depth - 1));
}

function addressIn(value: unknown, depth: number): string | undefined {
  if (typeof value === "string") return /^https?:\/\//.test(value) ? value.slice(0, 2_000) : undefined;
  if (typeof value !== "object" || value === null || depth === 0) return undefined;
  return first(Object.values(value), (member) => addressIn(member, depth - 1));
}

function first(values: readonly unknown[], find: (value: unknown) => string | undefined): string | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
