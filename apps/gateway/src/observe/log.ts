import type { ServerResponse } from "node:http";
import { withoutCredentials } from "@remem/core/plugin";
import type { GatewayRequest, RequestOutcome } from "./request.ts";

/** A request that has ended. Of the texts of its caller, it contains only the path and the model. */
export interface RequestEntry {
  /** The tenant that has sent it, if the gateway has tenants. */
  readonly tenant?: string | undefined;
  /** The method of HTTP. */
  readonly method: string;
  /** Without the query, which may hold a key. */
  readonly path: string;
  /** The status; 499 if the caller left before there was one. */
  readonly status: number;
  /** How it was answered. Undefined for one that the gateway has refused, and for one of its page. */
  readonly outcome?: RequestOutcome | undefined;
  /** The name of its surface. Undefined for a request of no kind that is cached. */
  readonly surface?: string | undefined;
  /** The model that it names, if that is known. */
  readonly model?: string | undefined;
  /** From its headers to the end of its answer, in milliseconds. */
  readonly ms: number;
  /** The code of the gateway's own error. */
  readonly error?: string | undefined;
  /** Whether the answer has broken off, on either side. */
  readonly broken?: true | undefined;
}

const MAX_PATH = 200;

/** Describes a request that has ended. */
export function entryOf(request: GatewayRequest, response: ServerResponse, ms: number): RequestEntry {
  const { tenant, method = "", outcome, surface, model, refusal } = request;
  return {
    tenant,
    method,
    path: pathOf(request),
    status: statusOf(response),
    outcome,
    surface,
    model: model && shown(model),
    ms: Math.round(ms * 10) / 10,
    error: refusal,
    broken: response.writableFinished ? undefined : true,
  };
}

/** The status; 499 if the caller left before there was one. */
export function statusOf({ headersSent, statusCode }: ServerResponse): number {
  return headersSent ? statusCode : 499;
}

/** The path of a request, without its query. */
export function pathOf({ url = "/" }: GatewayRequest): string {
  const path = url.replace(/^https?:\/\/[^/?]*/i, "").split(/[?#]/, 1)[0]!;
  return shown(path || "/");
}

const shown = (text: string): string =>
  withoutCredentials(text.length > MAX_PATH ? `${text.slice(0, MAX_PATH)}…` : text);

/** A log of requests as lines of JSON. */
export interface RequestLog {
  /** Writes a line. */
  write(entry: RequestEntry): void;
  /** Closes the file, if it is one. */
  close(): void;
}

/**
 * Opens a log: standard error, or a file that is appended to. Each entry is one write, so that several processes may share the
 * file, and a killed process loses no entry.
 */
export async function openRequestLog(file?: string): Promise<RequestLog> {
  const { pino } = await import("pino"); // Loading it takes longer than hundreds of hits.
  const destination = pino.destination({ dest: file ?? 2, append: true, mkdir: true, sync: true });
  const logger = pino({ base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    write(entry) {
      if (entry.status >= 500) logger.error(entry);
      else logger.info(entry);
    },
    close() {
      if (file !== undefined) destination.end();
    },
  };
}
