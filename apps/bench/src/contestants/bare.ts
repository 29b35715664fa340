import type { ChatCompletion } from "@remem/core";

// The shortest code that answers at all: it stores only the answer, and does not verify what it reads. A hit of the floor
// additionally verifies the digest of the entry, and nothing else: it does not read the stored request.

export const bareEntryOf = (completion: ChatCompletion): string => JSON.stringify(completion);

export const bareAnswerIn = (entry: string): string =>
  (JSON.parse(entry) as ChatCompletion).choices[0]!.message.content!;
