import type { ChatCompletion } from "@remem/core";

// The shortest code that answers at all: it stores the answer alone, and trusts what it reads. What the floor costs above it
// is the digest of the entry; that there is a request to store, no hit should notice.

export const bareEntryOf = (completion: ChatCompletion): string => JSON.stringify(completion);

export const bareAnswerIn = (entry: string): string =>
  (JSON.parse(entry) as ChatCompletion).choices[0]!.message.content!;
