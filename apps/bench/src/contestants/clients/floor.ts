import { memoryStore } from "@remem/core";
import type { Open } from "../../contestant.ts";
import { clientOver } from "../remem.ts";

/** A hit of `infer`, and what every client does besides: it writes the body of a request, and reads that of a response. */
export const open: Open = async (setting) => {
  const client = clientOver(memoryStore(), setting);
  return {
    async ask(request) {
      JSON.stringify(request);
      const { messages, model, seed, temperature } = request;
      const { completion } = await client.infer(messages, { model, seed, temperature });
      const response = new Response(JSON.stringify(completion), { headers: { "content-type": "application/json" } });
      const { choices } = (await response.json()) as typeof completion;
      return choices[0]!.message.content!;
    },
    close: () => client.close(),
  };
};
