import type { Client, InferResult } from "@remem/core";
import { type CompletionsServer, type CompletionsServerOptions, completionsServer, fakeProvider } from "@remem/testing";
import { createRemem, type RememEvent, type RememOptions } from "remem";
import { type MockInstance, onTestFinished, vi } from "vitest";

/** A client for the current test, and its events. */
export interface Opened {
  readonly client: Client;
  readonly events: readonly RememEvent[];
}

export function open(options: RememOptions): Opened {
  const events: RememEvent[] = [];
  const client = createRemem({ ...options, onEvent: (event) => void events.push(event) });
  onTestFinished(() => client.close().catch(() => {}));
  return { client, events };
}

/** A provider that counts its calls and whose right answers are known. */
export const echo = (): ReturnType<typeof fakeProvider> =>
  fakeProvider(({ messages }) => rightAnswer(messages.at(-1)?.content));

export const rightAnswer = (content: unknown): string => `re: ${JSON.stringify(content)}`;

export const ask = (client: Client, content: string): Promise<InferResult> => client.infer(content);

export async function startServer(options?: CompletionsServerOptions): Promise<CompletionsServer> {
  const server = await completionsServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** Collects the process warnings during the test. */
export function hearWarnings(): { readonly codes: readonly string[]; readonly texts: readonly string[] } {
  const warn = vi.spyOn(process, "emitWarning").mockReturnValue() as unknown as MockInstance<
    (warning: string | Error, options?: { readonly code?: string }) => void
  >;
  onTestFinished(() => warn.mockRestore());
  return {
    get codes() {
      return warn.mock.calls.map(([, options]) => String(options?.code));
    },
    get texts() {
      return warn.mock.calls.map(([warning]) => String(warning));
    },
  };
}
