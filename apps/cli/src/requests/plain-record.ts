import type { InferFailure, InferResult } from "remem";
import { inFlags } from "../flags/in-flags.ts";
import type { LineFlags } from "./request-line.ts";
import { statusOf } from "./status.ts";

/** The record of a plain line: the whole paid answer. The parts besides the text of the first choice have members of their own. */
export function plainRecord(result: InferResult | InferFailure, { withPrompt = false }: LineFlags): object {
  return result.error ? failureRecord(result) : answerRecord(result, withPrompt);
}

function answerRecord({ response, metadata, cacheHit, key, completion }: InferResult, withPrompt: boolean): object {
  const { choices, usage } = completion;
  const { tool_calls, function_call, refusal } = choices[0]!.message;
  const { prompt, ...facts } = metadata;
  return {
    response,
    ...omitEmpty({ tool_calls, function_call, refusal }),
    ...(choices.length > 1 && { choices }),
    metadata: { ...(withPrompt && { prompt }), ...facts, ...omitEmpty({ usage }) },
    cache_hit: cacheHit,
    key,
  };
}

function omitEmpty(members: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null));
}

function failureRecord({ error, key }: InferFailure): object {
  const status = statusOf(error);
  const { code } = error;
  const message = inFlags(error.message);
  return {
    error: { code, message, ...(status !== undefined && { status }) },
    cache_hit: false,
    ...(key !== undefined && { key }),
  };
}
