// Compiled and never run: what does not compile is the test.
import type { ChatCompletion, ChatRequest, Surface } from "@remem/core";
import { type SurfaceContractCase, surfaceContract } from "../../src/index.ts";

const surface = null as unknown as Surface<ChatRequest, ChatCompletion>;
const request = null as unknown as ChatRequest;
const answer = null as unknown as ChatCompletion;
const given = { surface, examples: [{ request, answer }], invalidRequests: [{}], malformedAnswers: [{}] };

surfaceContract(given);
surfaceContract({ ...given, skip: [{ case: "unknown members move the key", reason: "none is sent" }] });

// @ts-expect-error: a misspelt name
surfaceContract({ ...given, skip: [{ case: "unknown members move keys", reason: "none is sent" }] });

// @ts-expect-error: no reason
surfaceContract({ ...given, skip: [{ case: "unknown members move the key" }] });

// @ts-expect-error: an answer to another surface
surfaceContract({ ...given, examples: [{ request, answer: { data: [] } }] });

// @ts-expect-error: not any text
export const name: SurfaceContractCase = "none";

// @ts-expect-error: no examples
surfaceContract({ surface, invalidRequests: [{}], malformedAnswers: [{}] });
